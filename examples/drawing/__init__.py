"""How the sample chapter is drawn: ink, tone, lettering, a bird, a room and five pages of story."""
