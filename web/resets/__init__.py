"""Passwords and roles that take two: asked for by a security administrator, agreed to by another person."""
