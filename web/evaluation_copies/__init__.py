"""What headquarters judged of an office's calls, on the office's own site, for those whom it concerns."""
