"""The append-only, hash-chained log of all that people do."""
