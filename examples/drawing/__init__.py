"""Drawing of the sample chapter: ink, screentone, lettering, a bird, a room and five pages of story."""
