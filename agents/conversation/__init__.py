"""Chat with a planned film: messages become edits, and the cost of an edit is known before anything is filmed."""
