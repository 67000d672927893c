"""How long recordings are kept, what holds them, and how two people have them deleted (rule 11)."""
