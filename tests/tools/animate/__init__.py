"""Tests of tools/animate."""
