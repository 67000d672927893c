"""Whether any strategy makes a call less likely to be due for review: both sides play the real functions."""
