"""What is weak on an installation that runs, and how to mend it: `python -m supervision.check`."""
