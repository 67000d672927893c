"""What people and offices are assessed by: the figures, what each opens into, closed months and weights."""
