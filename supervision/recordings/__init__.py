"""Recordings: the parts on disk, their sealing into FLAC, what was measured, and who listened."""
