"""Tests of the demo and its phones."""
