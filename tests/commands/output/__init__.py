"""Tests of commands/output/."""
