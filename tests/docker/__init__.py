"""Images and compose files: linted, read by compose itself, built and run without daemon or registry."""
