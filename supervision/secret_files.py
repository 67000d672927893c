"""Who may read what we write: secrets, each a file of the service's user only; all else for its group at most."""

import os
import secrets
from collections.abc import Callable
from pathlib import Path

SHORTEST_BYTES = 16
UMASK = 0o027


def keep_from_others() -> None:
    """Let only its user and group read what this process makes from now on. Each command begins with this."""
    os.umask(UMASK)


def keep_secret(path: Path, make: Callable[[], bytes]) -> bytes:
    """The secret in a file; made, whole or not at all, if there is no file yet.

    Of several processes that make it at once, one does and all have that one's. Raises ValueError for a file
    that is too short to be a secret: one that a full disk or a hand has emptied.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        fresh = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(make())
                file.flush()
                os.fsync(file.fileno())
            path.hardlink_to(fresh)
        except FileExistsError:
            pass  # another was first, and its secret is ours
        finally:
            fresh.unlink()
    secret = path.read_bytes()
    if len(secret) < SHORTEST_BYTES:
        raise ValueError(f"{path} is damaged: {len(secret)} bytes; remove it to have a new one made")
    return secret
