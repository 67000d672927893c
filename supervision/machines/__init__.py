"""Room on the disks (存储空间), how long what is for headquarters has waited, and which certificates end soon.

Space is only watched, never made by deleting. Certificates are watched here rather than in `certificates/`, which
the intake uses without a database.
"""
