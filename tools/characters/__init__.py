"""Find out which sightings show the same character: embeddings, clustering, portraits and reference images."""
