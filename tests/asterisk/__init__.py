"""Tests of how Asterisk is found, made, configured and run."""
