"""The register of what callers ask of their own recordings: to see them, or to have them deleted (rule 11)."""
