"""Images and compose files: linted, read by compose itself, built and run without a daemon and without a registry."""
