"""Accounts and roles, for the security administrator."""
