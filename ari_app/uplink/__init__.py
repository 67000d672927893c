"""Office to headquarters: growing recordings and facts, over any number of cuts; nothing is kept but on disk."""
