"""The mirror of the rooms, plus the rules of the house and the film as a whole."""
