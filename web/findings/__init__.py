"""Findings on the site: what was found, and what is done about each."""
