"""Records, appeals, and the judgements that a person was told of, on the site."""
