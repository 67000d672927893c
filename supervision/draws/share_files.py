"""What a party keeps of its shares below `secrets/`, outside the database: the draw secrets, and for what each
share was given.

A database that was put back from a copy so never gives a share for something else than before. Put back without
these files, a machine gives no share for a period that was over by then.
"""

import json
import os
import secrets
import uuid
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from supervision.clock import local
from supervision.draws.protocol_rules import SECRET_BYTES, Terms, share_of
from supervision.paths import Paths
from supervision.secret_files import keep_secret


class SecretLost(Exception):
    """A draw secret is not there any more, or what a share was given for is not what it shall be given for now."""


@dataclass(frozen=True)
class ShareFiles:
    """The files of one party."""

    paths: Paths

    def secret_name(self, at: datetime) -> str:
        """Which draw secret counts for draws that are committed to now; it is made if it is new."""
        name = f"{local(at):%Y-%m}"
        keep_secret(self.paths.draw_secret(name), lambda: secrets.token_bytes(SECRET_BYTES))
        return name

    def share(self, secret_name: str, draw: str) -> str | None:
        """The share of a draw; None where its secret is lost or damaged."""
        try:
            secret = self.paths.draw_secret(secret_name).read_bytes()
        except OSError:
            return None
        return share_of(secret, draw) if len(secret) == SECRET_BYTES else None

    def written_since(self, at: datetime) -> datetime:
        """Since when it is written down here what shares were given for: from now on, if it was not before."""
        text = keep_secret(self.paths.given_since, lambda: at.isoformat().encode())
        return datetime.fromisoformat(text.decode())

    def is_given(self, draw_id: uuid.UUID) -> bool:
        """Whether it is written down here for what the share of a draw was given."""
        return self.paths.given_for(draw_id).exists()

    def write_given(self, draw_id: uuid.UUID, terms: Terms, ends_at: datetime, at: datetime) -> None:
        """Write down what a share is about to be given for, durably, before it is given.

        Raises SecretLost where it was given for something else, and for a period that was over when this machine
        was put back without these files.
        """
        file = self.paths.given_for(draw_id)
        since = self.written_since(at)
        if not file.exists():
            if since >= ends_at:
                raise SecretLost(f"put back after {ends_at:%Y-%m-%d %H:%M}, without what shares were given for")
            _write_once(file, json.dumps(asdict(terms), sort_keys=True).encode())
        if json.loads(file.read_bytes()) != asdict(terms):
            raise SecretLost(f"{terms.draw} was given for something else")


def _write_once(file: Path, text: bytes) -> None:
    """Write a file that is not there yet, whole and durably; of two at once, the first stays."""
    fresh = file.with_name(f".{file.name}.{os.getpid()}.{secrets.token_hex(4)}")
    with fresh.open("xb") as writing:
        writing.write(text)
        writing.flush()
        os.fsync(writing.fileno())
    try:
        file.hardlink_to(fresh)
    except FileExistsError:
        pass
    finally:
        fresh.unlink()
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
