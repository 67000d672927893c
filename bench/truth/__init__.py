"""Is the record of a call right? Phones of our own keep an account of each call; what was written is held to it.

Nothing here knows how a record is made: the phones see SIP and RTP only, and what was stored is read by plain SQL.
"""
