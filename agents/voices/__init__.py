"""What is spoken of a book and by which voice: the text of each line, and the voice of each character."""
