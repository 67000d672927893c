"""Headquarters and offices as booted machines (systemd-nspawn in network namespaces), deployed by ansible."""
