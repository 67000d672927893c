"""What an office node has to tell headquarters: facts in order, without a gap, each exactly once."""
