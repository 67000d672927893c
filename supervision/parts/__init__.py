"""Raw audio parts on disk, without any database: one store, the office's spool and what headquarters receives."""
