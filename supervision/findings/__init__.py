"""Findings and their treatment: education or criticism of the person, and what keeps it from happening again."""
