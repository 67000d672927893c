"""Received facts are applied to the rooms, in order, each once; what is refused holds up nothing."""
