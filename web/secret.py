"""The key that signs cookies: a file of this node, made when it is first needed."""

import os
import secrets

from supervision.paths import Paths

_NAME = "web-session-key"


def session_key(paths: Paths) -> bytes:
    """The key under `secrets/`, readable by the service's user only. The same for all worker processes."""
    path = paths.secret(_NAME)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = path.with_name(f".{_NAME}.{os.getpid()}.{secrets.token_hex(4)}")
    if not path.exists():
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_bytes(32))
            file.flush()
            os.fsync(file.fileno())
        try:
            path.hardlink_to(fresh)
        except FileExistsError:
            pass  # another worker was first; its key is ours
        finally:
            fresh.unlink()
    key = path.read_bytes()
    if len(key) < 32:
        raise ValueError(f"{path} is damaged: {len(key)} bytes; remove it to have a new one made")
    return key
