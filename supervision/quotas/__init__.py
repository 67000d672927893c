"""Quotas: of each office and period how many were to be reviewed, how many are, and who is reminded."""
