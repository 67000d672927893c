"""The register of what callers ask of their own recordings (rule 11)."""
