"""Calls: the list, and one call."""
