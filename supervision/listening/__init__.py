"""Who listens to what: players on sealed recordings and on calls in progress, what was heard, and levels."""
