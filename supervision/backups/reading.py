"""Reading a backup back: its manifest, whose signature and hashes must be right, and its objects."""

import base64
import hashlib
import io
import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from pydantic import ValidationError

from supervision.backups import names
from supervision.backups.encryption import Expanding, Identities, Measured, MeasuredReader, Writer, decrypt
from supervision.backups.errors import Damaged
from supervision.backups.messages import LONGEST_LINE_BYTES, Contents, read_listing, unpacked
from supervision.backups.place import Place
from supervision.backups.rules import (
    NOTHING,
    Dated,
    Fault,
    Manifest,
    Sealed,
    digest_of,
    fault_of,
    first_gap,
    read_manifest,
    to_replay,
    wal_text,
)
from supervision.certificates.signing_key import is_signed
from supervision.errors import NotFound

_READ = 2**20
_LONGEST_BYTES = 4096  # of a manifest, a signature or a key: whoever writes there may write any length


class Source:
    """The backups of one machine at the second place. `key`: the public key (PEM) by which they must be signed."""

    def __init__(self, place: Place, machine: str, key: str | None = None) -> None:
        self.place, self.machine, self.key = place, machine, key

    def numbers(self) -> list[int]:
        """The backups that are there, whole."""
        found = (names.manifest_number(name) for name in self.place.sizes(names.MANIFESTS))
        return sorted(number for number in found if number is not None)

    def newest(self) -> Manifest | None:
        """The manifest of the last one."""
        numbers = self.numbers()
        return self.manifest(numbers[-1]) if numbers else None

    def dated(self) -> list[Dated]:
        """All of them, by number and moment."""
        return [Dated(one.number, one.at) for one in map(self.manifest, self.numbers())]

    def signing_key(self, number: int) -> str:
        """The public key (PEM) by which one was signed."""
        return self._read(number, "pem").decode("ascii", "replace")

    def manifest(self, number: int) -> Manifest:
        """One of them. Raises Damaged where its signature is not right, NotFound."""
        text = self._read(number, "txt").decode("utf-8", "replace")
        key, signature = self.signing_key(number), base64.b64encode(self._read(number, "sig")).decode("ascii")
        if self.key is not None and key.strip() != self.key.strip():
            raise Damaged("signature", f"backup {number} is signed by another key")
        if not is_signed(text.encode(), signature, key):
            raise Damaged("signature", f"the manifest of backup {number} is not what was signed")
        try:
            manifest = read_manifest(text)
        except ValueError as error:
            raise Damaged("manifest", f"the manifest of backup {number} cannot be read") from error
        if (manifest.machine, manifest.number) != (self.machine, number):
            raise Damaged("manifest", f"the manifest of backup {number} is that of {manifest.machine}")
        return manifest

    def listing(self, manifest: Manifest) -> list[Sealed]:
        """The objects of one. Raises Damaged where it is another listing than was signed."""
        most = manifest.objects * LONGEST_LINE_BYTES
        other = Damaged("listing", f"the listing of backup {manifest.number} is not the one that was signed")
        try:
            data = unpacked(self._read(manifest.number, "list.gz", most + _LONGEST_BYTES), most)
            if hashlib.sha256(data).hexdigest() != manifest.listing:
                raise other
            found = list(read_listing(data))
        except (ValueError, TypeError) as error:
            raise Damaged("listing", f"the listing of backup {manifest.number} cannot be read") from error
        if len(found) != manifest.objects:
            raise other
        return found

    def chain_faults(self) -> list[str]:
        """Which manifests do not follow from those before them, as far as these are there."""
        found, before = list[str](), None
        for number in self.numbers():
            manifest = self.manifest(number)
            expected = digest_of(before.text) if before else None
            follows = before is not None and before.number == number - 1
            if (follows and manifest.previous != expected) or (number == 1 and manifest.previous != NOTHING):
                found.append(f"manifest {number} does not follow from the one before it")
            before = manifest
        return found

    def fetch(self, sealed: Sealed, writer: Writer, identities: Identities, *, expand: bool = False) -> None:
        """Decrypt an object. Raises WrongKey, and Damaged where it is missing or changed."""
        try:
            with self.place.open(sealed.name) as file:
                reader = MeasuredReader(file)
                decrypt(reader, Expanding(writer) if expand else writer, identities)
                while reader.read(_READ):
                    continue  # what is behind its end counts too
        except FileNotFoundError as error:
            raise Damaged("object", f"{sealed.name} is {Fault.MISSING.value}") from error
        except OSError as error:
            raise Damaged("object", f"{sealed.name} is {Fault.CHANGED.value} ({error})") from error
        fault = fault_of(sealed, reader.size_bytes, reader.sha256)
        if fault is not None:
            raise Damaged("object", f"{sealed.name} is {fault.value}")

    def contents(self, listing: Iterable[Sealed], number: int, identities: Identities) -> Contents:
        """What a backup holds. Raises WrongKey, Damaged. Nothing is unpacked into memory but what was signed."""
        wanted = names.piece_name(number, "contents")
        sealed = next((one for one in listing if one.name == wanted), None)
        if sealed is None:
            raise Damaged("listing", f"the listing of backup {number} names no contents")
        try:
            data = self.place.read(sealed.name, sealed.size_bytes)
        except FileNotFoundError as error:
            raise Damaged("object", f"{sealed.name} is {Fault.MISSING.value}") from error
        if fault_of(sealed, sealed.size_bytes, hashlib.sha256(data).hexdigest()):
            raise Damaged("object", f"{sealed.name} is {Fault.CHANGED.value}")
        written = io.BytesIO()
        try:
            decrypt(io.BytesIO(data), Expanding(written), identities)
            return Contents.model_validate_json(written.getvalue())
        except ValidationError as error:
            where = ".".join(map(str, error.errors()[0]["loc"]))
            raise Damaged(
                "contents", f"the contents of backup {number} are not as we write them: {where}"
            ) from error
        except OSError as error:
            raise Damaged("object", f"{sealed.name} is {Fault.CHANGED.value} ({error})") from error

    def object_faults(self, listing: Iterable[Sealed], *, read: bool = True) -> Iterator[str]:
        """Read all objects as they lie there, and say which are missing or changed."""
        folders = (names.OBJECTS, names.PIECES)
        sizes = {name: size for folder in folders for name, size in self.place.sizes(folder).items()}
        for one in listing:
            fault = fault_of(one, sizes.get(one.name))
            if fault is None and read:
                fault = fault_of(one, one.size_bytes, self._hash(one.name))
            if fault is not None:
                yield f"{one.name} is {fault.value}"

    def log_files(self, manifest: Manifest) -> dict[str, str]:
        """What is there of PostgreSQL's log from a backup on: by segment, the object that holds it."""
        system, _, first = manifest.log.partition("/")
        if not first:
            return {}
        there = self.place.sizes(f"{names.LOG}/{system}")
        files = {file: name for name in there if (file := names.log_file(name)) is not None}
        return {segment: files[file] for segment, file in to_replay(files, first).items()}

    def log_faults(self, manifest: Manifest) -> Iterator[str]:
        """What is wrong with that log: pieces that are missing, changed or not signed."""
        found = self.log_files(manifest)
        _, _, first = manifest.log.partition("/")
        if first and first not in found:
            yield f"PostgreSQL's log is missing from {first} on"
        gap = first_gap(found)
        if gap is not None:
            yield f"PostgreSQL's log has a gap at {gap}"
        for name in found.values():
            try:
                sealed = self.log_sealed(manifest, name)
            except Damaged as error:
                yield error.detail
                continue
            fault = fault_of(sealed, self.place.sizes(name).get(name, sealed.size_bytes), self._hash(name))
            if fault is not None:
                yield f"{name} is {fault.value}"

    def log_sealed(self, manifest: Manifest, name: str) -> Sealed:
        """What was signed of a piece of the log. Raises Damaged."""
        try:
            signed = json.loads(self.place.read(names.log_signature(name), _LONGEST_BYTES))
            text, signature, key = str(signed["text"]), str(signed["signature"]), str(signed["key"])
            said = dict(line.split(" ", 1) for line in text.splitlines()[1:])
            sealed = Sealed(said["name"], int(said["bytes"]), said["object"])
        except FileNotFoundError as error:
            raise Damaged("log", f"{name} is not signed") from error
        except (ValueError, KeyError, TypeError) as error:
            raise Damaged("log", f"what is signed of {name} cannot be read") from error
        system = manifest.log.partition("/")[0]
        same_key = key.strip() == (self.key or self.signing_key(manifest.number)).strip()
        if not (
            same_key
            and wal_text(self.machine, system, sealed) == text
            and is_signed(text.encode(), signature, key)
        ):
            raise Damaged("log", f"{name} is not signed by the key of backup {manifest.number}")
        if sealed.name != name:
            raise Damaged("log", f"{name} is another piece of the log")
        return sealed

    def fetch_log(self, manifest: Manifest, folder: Path, identities: Identities) -> None:
        """Decrypt the log from a backup on into a folder, each segment under its name. Raises Damaged."""
        folder.mkdir(mode=0o700)
        for segment, name in self.log_files(manifest).items():
            with (folder / segment).open("wb") as file:
                self.fetch(self.log_sealed(manifest, name), file, identities, expand=True)

    def _hash(self, name: str) -> str:
        measured = Measured()
        with self.place.open(name) as file:
            while data := file.read(_READ):
                measured.write(data)
        return measured.sha256

    def _read(self, number: int, suffix: str, most: int = _LONGEST_BYTES) -> bytes:
        try:
            return self.place.read(names.manifest_name(number, suffix), most)
        except FileNotFoundError as error:
            raise NotFound(f"the manifest of backup {number} is not there, or not whole ({suffix})") from error


def objects_by_name(listing: Iterable[Sealed]) -> dict[str, Sealed]:
    """The objects of a listing, to look up."""
    return {one.name: one for one in listing}
