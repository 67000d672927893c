"""Desks, and who sits at which from when on."""
