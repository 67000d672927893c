"""Tendencies and early signs on the site."""
