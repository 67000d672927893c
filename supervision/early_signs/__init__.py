"""Early signs (苗头性问题): where findings of a category become unusually many, and what is done about it."""
