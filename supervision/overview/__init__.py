"""Headquarters' view over its offices: which of them speak, and what is still on its way from them."""
