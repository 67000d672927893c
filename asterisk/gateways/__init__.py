"""What an FXO gateway must be told for each of an office's lines, and whether it then registered."""
