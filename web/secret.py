"""The key that signs cookies: a file of this node, made when it is first needed."""

import secrets

from supervision.paths import Paths
from supervision.secret_files import keep_secret


def session_key(paths: Paths) -> bytes:
    """The key under `secrets/`, the same for all worker processes. Raises ValueError if it is damaged."""
    return keep_secret(paths.secret("web-session-key"), lambda: secrets.token_bytes(32))
