"""Evaluations (检查评价): who judges which call, what he wrote, what counts, and who checks the reviewers."""
