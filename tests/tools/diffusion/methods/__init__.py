"""The methods that need no training, each by itself."""
