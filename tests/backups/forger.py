"""Somebody who can write at the second place and knows for whom is encrypted; our signing key he has not."""

import base64
import hashlib
import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from supervision.backups import names
from supervision.backups.encryption import Compressed, Measured, encrypt, parse_recipients
from supervision.backups.messages import packed, write_listing
from supervision.backups.rules import NOTHING, Manifest, Sealed
from supervision.certificates.signing_key import sign
from supervision.paths import Paths
from tests.backups.bureau import Bureau


@dataclass
class Forger:
    """`home` has his own signing key."""

    hq: Bureau
    home: Path

    def writes(self, number: int, change: Callable[[dict[str, Any]], None] = lambda _: None) -> None:
        """A backup like headquarters' first, under another number, with something changed in its contents."""
        source = self.hq.source()
        like = source.manifest(1)
        listing = source.listing(like)
        contents = json.loads(source.contents(listing, 1, self.hq.identities).model_dump_json())
        contents["number"] = number
        change(contents)
        objects = [one for one in listing if not one.name.endswith("-contents.age")]
        objects.append(self.encrypts(names.piece_name(number, "contents"), json.dumps(contents).encode()))
        data = write_listing(objects)
        digest = hashlib.sha256(data).hexdigest()
        manifest = Manifest(like.machine, number, like.at, len(objects), digest, like.log, NOTHING)
        signature, key = sign(Paths(self.home), manifest.text.encode())
        written = {"list.gz": packed(data), "pem": key.encode(), "sig": base64.b64decode(signature)}
        for suffix, content in {**written, "txt": manifest.text.encode()}.items():
            source.place.put_bytes(names.manifest_name(number, suffix), content)

    def encrypts(self, name: str, data: bytes) -> Sealed:
        """Something under a name, readable with headquarters' private key."""
        file = io.BytesIO()
        encrypt(Compressed(io.BytesIO(data)), file, parse_recipients(self.hq.public))
        measured = Measured()
        measured.write(file.getvalue())
        self.hq.source().place.put_bytes(name, file.getvalue())
        return Sealed(name, measured.size_bytes, measured.sha256)
