"""What waits for one person by name, and who takes it over when he leaves, falls ill or changes office."""
