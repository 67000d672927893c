"""Mail: letters wait in the database, and leave after the commit of what they tell."""
