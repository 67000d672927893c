"""What was submitted: the list, one evaluation with its versions, and amending it."""
