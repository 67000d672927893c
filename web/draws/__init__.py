"""Draws: each step of each draw for whoever asks, its transcript, and what people do about it."""
