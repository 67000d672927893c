"""The regulation: reading and confirming it, who has not, and writing the next version."""
