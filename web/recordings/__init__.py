"""Recordings: the player, its audio, and what was heard."""
