"""Tests of tools/comfy."""
