"""What Asterisk reads, and the tools that render it and run it."""
