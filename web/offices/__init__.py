"""The offices (税务所) as headquarters sees them; there is no such page on an office's own node."""
