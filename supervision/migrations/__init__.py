"""The database's history, one revision a change; run by `python -m supervision.store upgrade`."""
