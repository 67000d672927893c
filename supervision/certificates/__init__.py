"""The certificate authority of the offices: makes, lists and revokes certificates, and says who is who."""
