"""A release: made here as one archive, laid beside the others on a machine, switched to and back.

On a machine it runs under Debian's own Python, as root, before the release has an environment of its own: so it
imports the standard library only. `build.py`, which makes the archive, never runs there.
"""
