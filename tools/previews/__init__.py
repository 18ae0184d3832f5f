"""Preview images for people and vision models: numbered pages, takes side by side, provenance maps, small JPEGs."""
