"""Tests of commands/cli/."""
