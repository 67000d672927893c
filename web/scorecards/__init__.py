"""Scorecards: every version, and the editor of the next one."""
