"""What taxpayers complain of: entered, tied to calls, handled, decided by another; a month of none is attested."""
