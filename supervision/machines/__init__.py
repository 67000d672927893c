"""Room on the disks (存储空间), how long what is for headquarters has waited: watched, never made by deleting."""
