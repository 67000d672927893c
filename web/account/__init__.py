"""One's own account: signing in and out, password, sessions, language."""
