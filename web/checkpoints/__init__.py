"""Signed heads of headquarters' audit log: made there, kept at each office, looked at and taken away at both."""
