"""Mail: written into the database with the act, and sent after the commit."""
