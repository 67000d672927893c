"""Quotas: of each office and period how much was to be reviewed, how much is, and the norm."""
