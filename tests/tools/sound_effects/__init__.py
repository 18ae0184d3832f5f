"""Tests of tools/sound_effects."""
