"""Tests of the code that the diffusion backends share."""
