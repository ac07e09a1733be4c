"""Performing a recipe: which one fits, its optimiser, schedule and loss, the steps, and the checkpoints."""
