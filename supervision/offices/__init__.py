"""Offices, their lines and desks, and which officer sits at which desk when."""
