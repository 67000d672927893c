"""Rectifications on the site: the board, one notice with its replies; on a node, the copies."""
