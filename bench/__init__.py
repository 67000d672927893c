"""What the node costs and how fast it is, beside an Asterisk that does nothing but `Dial`.

Every benchmark measures its variants in one run, by turns, on one machine: what disturbs one disturbs all.
"""
