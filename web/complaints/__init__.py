"""Complaints: the figures of each month, the register, one complaint, and the months that had none."""
