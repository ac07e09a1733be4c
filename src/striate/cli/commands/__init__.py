"""A command a file: its options, and the call that they become; what PyTorch is needed for is imported in the call."""
