"""The units as systemd itself reads them, and what the processes tell it."""
