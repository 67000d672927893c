"""Handing over what waits for a person by name, on the site."""
