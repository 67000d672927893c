"""Incidents: what should have been recorded, received or done and was not."""
