"""Rosters: who answers which line when, and how the line's queue rings."""
