"""Booted machines: headquarters and offices as systemd-nspawn containers in network namespaces, deployed by ansible."""
