"""What headquarters holds of the offices' recordings, as it comes in: bytes, before any database."""
