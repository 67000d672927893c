"""Incidents (异常): what should have been recorded, received or done and was not."""
