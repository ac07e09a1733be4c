"""Weights that others have published: where they are, how they are fetched, and what their tensors are called."""
