"""Rectification (整改): a notice from findings, the reply, its verification, and the watch after it is closed."""
