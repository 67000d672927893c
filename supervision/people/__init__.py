"""Accounts, roles, scope, sign-in."""
