"""Releases: what their rules say, and a machine that is switched."""
