"""Accounts, what each role may do, sign-in."""
