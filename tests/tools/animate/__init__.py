"""The mirror of tools/animate."""
