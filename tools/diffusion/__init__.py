"""Code shared by the diffusion backends: weights, pipelines, sizes, masks, prompt embeddings and training-free methods.

Nothing in this folder depends on the protocol of a capability.
"""
