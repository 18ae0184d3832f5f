"""What is said of a take: by measures, by a model that sees, and which of several stays."""
