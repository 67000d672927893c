"""Headquarters' side of the outboxes: what offices tell is taken in, in order, each fact once."""
