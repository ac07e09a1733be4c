"""Pictures: decoding them, finding them, splitting them, ordering them, and turning them into tensors."""
