"""The shared heart of the call supervision system: one room a subject, knowing neither Flask nor Asterisk."""
