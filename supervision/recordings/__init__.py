"""Recordings: the parts on disk, their sealing into FLAC and what was measured."""
