"""The demo: a whole office on one machine, with phones that really call."""
