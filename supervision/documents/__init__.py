"""The numbers of printed documents (文号)."""
