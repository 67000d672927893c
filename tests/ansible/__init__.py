"""The playbooks of `ansible/`."""
