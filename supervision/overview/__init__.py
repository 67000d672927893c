"""Headquarters' view of its offices: which of them are online, and what they have not sent yet."""
