"""Tests of the training-free methods, each by itself."""
