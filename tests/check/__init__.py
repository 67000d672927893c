"""What the check of an installation sees, and what it says of it."""
