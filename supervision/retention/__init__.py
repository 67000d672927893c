"""How long recordings are kept, what holds them longer, and how they are deleted with a proof (rule 11)."""
