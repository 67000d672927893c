"""Encryption for a key that is not on this machine: age (X25519). The only module that knows pyrage."""

import hashlib
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import pyrage

from supervision.backups.errors import WrongKey
from supervision.errors import InvalidInput

_READ = 2**20
Recipients = Sequence[pyrage.x25519.Recipient]
Identities = Sequence[pyrage.x25519.Identity]


class Reader(Protocol):
    """What gives bytes."""

    def read(self, size: int = -1, /) -> bytes:  # noqa: D102 - the class says it
        ...


class Writer(Protocol):
    """What takes bytes."""

    def write(self, data: bytes, /) -> object:  # noqa: D102 - the class says it
        ...


class Measured:
    """Passes on what is written and knows its length and its SHA-256."""

    def __init__(self, writer: Writer | None = None) -> None:
        self._writer, self._hash, self.size_bytes = writer, hashlib.sha256(), 0

    def write(self, data: bytes) -> int:
        """Take it, and pass it on."""
        self._hash.update(data)
        self.size_bytes += len(data)
        if self._writer is not None:
            self._writer.write(data)
        return len(data)

    def flush(self) -> None:
        """Nothing is held back here."""

    @property
    def sha256(self) -> str:
        """Of all that was written."""
        return self._hash.hexdigest()


class MeasuredReader:
    """Gives what another gives, at most so many bytes, and knows its length and its SHA-256."""

    def __init__(self, reader: Reader, most: int | None = None) -> None:
        self._reader, self._left, self._hash, self.size_bytes = reader, most, hashlib.sha256(), 0

    def read(self, size: int = -1) -> bytes:
        """The next bytes."""
        wanted = _READ if size < 0 else size
        data = self._reader.read(wanted if self._left is None else min(wanted, self._left))
        if self._left is not None:
            self._left -= len(data)
        self._hash.update(data)
        self.size_bytes += len(data)
        return data

    @property
    def sha256(self) -> str:
        """Of all that was read."""
        return self._hash.hexdigest()


class Compressed:
    """Gives what another gives, as gzip."""

    def __init__(self, reader: Reader) -> None:
        self._reader, self._held, self._over = reader, b"", False
        self._packer = zlib.compressobj(1, wbits=31)

    def read(self, size: int = -1) -> bytes:
        """The next bytes."""
        while not self._over and (size < 0 or len(self._held) < size):
            data = self._reader.read(_READ)
            self._over = not data
            self._held += self._packer.compress(data) if data else self._packer.flush()
        cut = len(self._held) if size < 0 else size
        given, self._held = self._held[:cut], self._held[cut:]
        return given


class Expanding:
    """Passes on what is written as gzip, unpacked."""

    def __init__(self, writer: Writer) -> None:
        self._writer, self._unpacker = writer, zlib.decompressobj(wbits=31)

    def write(self, data: bytes) -> int:
        """Take it, and pass on what it unpacks to. Raises OSError where it is no gzip."""
        try:
            self._writer.write(self._unpacker.decompress(data))
        except zlib.error as error:
            raise OSError(str(error)) from error
        return len(data)

    def flush(self) -> None:
        """Nothing is held back here."""


def parse_recipients(text: str) -> Recipients:
    """The public keys of a setting, separated by commas. Raises InvalidInput."""
    words = [word.strip() for word in text.split(",") if word.strip()]
    if not words:
        raise InvalidInput("backup_recipient", "there is none", "the public key of an age identity: age1…")
    try:
        return [pyrage.x25519.Recipient.from_str(word) for word in words]
    except pyrage.RecipientError as error:
        raise InvalidInput("backup_recipient", f"not a public key of age ({error})", "age1…") from error


def read_identities(file: Path) -> Identities:
    """The private keys in a file, as `age-keygen` writes it. Raises InvalidInput, OSError."""
    lines = (line.strip() for line in file.read_text("utf-8", "replace").splitlines())
    try:
        found = [pyrage.x25519.Identity.from_str(line) for line in lines if line and not line.startswith("#")]
    except pyrage.IdentityError as error:
        raise InvalidInput("identity", f"{file.name} holds no private key of age ({error})") from error
    if not found:
        raise InvalidInput("identity", f"{file.name} holds no private key of age")
    return found


def new_identity() -> tuple[str, str]:
    """A new private key and its public key, as text."""
    identity = pyrage.x25519.Identity.generate()
    return str(identity), str(identity.to_public())


def encrypt(reader: Reader, writer: Writer, recipients: Recipients) -> None:
    """Encrypt a stream. Raises OSError."""
    try:
        pyrage.encrypt_io(reader, writer, recipients)
    except pyrage.EncryptError as error:
        raise OSError(str(error)) from error


def decrypt(reader: Reader, writer: Writer, identities: Identities) -> None:
    """Decrypt a stream. Raises WrongKey, and OSError where it was changed, is cut off, or cannot be read."""
    try:
        pyrage.decrypt_io(reader, writer, identities)
    except pyrage.DecryptError as error:
        if "No matching keys" in str(error):
            raise WrongKey("wrong_key", "the backup is not encrypted for this private key") from error
        raise OSError(f"it cannot be decrypted: {error}") from error
