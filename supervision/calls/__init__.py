"""Calls: from first ring to hang-up, with segments, events and the rules that make a record of them."""
