"""Rosters: the week of an office to look at and to edit, and what it arranges besides."""
