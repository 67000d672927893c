"""Backups (备份): made, verified and restored, encrypted at a second place (decision 42)."""
