"""What somebody who can write at the second place brings about: nothing is believed, or run, or bursts."""

import gzip
import json
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from supervision.backups import names
from supervision.backups.errors import Damaged
from supervision.backups.messages import KeptFile, PostgresCopy, read_listing
from supervision.backups.restoring import rehearse, restore
from supervision.backups.rules import wal_text
from supervision.certificates.signing_key import sign
from supervision.paths import Paths
from tests.backups.bureau import Bureau
from tests.backups.forger import Forger

pytestmark = pytest.mark.thorough

MB = 2**20
SEGMENT = "0" * 24
GOOD: dict[str, Any] = {
    "piece": "pieces/00000001-database.age",
    "major": 17,
    "database": "supervision",
    "user": "supervision",
    "system": "7441234567890123456",
    "lsn": "0/1A2B3C4D",
    "rows": {"tables": {}, "head": {"n": 0, "hash": ""}},
}
HOSTILE = (
    ("lsn", "0/0'\nrecovery_end_command = 'touch /tmp/ran"),
    ("lsn", "0/0\n"),
    ("database", "host=elsewhere.example dbname=x"),
    ("database", "-c"),
    ("database", "it's"),
    ("user", "supervision host=elsewhere.example"),
    ("system", "../../7"),
    ("major", 1700),
    ("piece", "../other/objects/x.age"),
)


@pytest.fixture
def forger(hq: Bureau, tmp_path: Path) -> Forger:
    """Beside headquarters with one backup."""
    hq.record_calls()
    hq.back_up()
    return Forger(hq, tmp_path / "forger")


@pytest.mark.parametrize(("field", "value"), HOSTILE)
def test_nothing_but_names_and_numbers_reaches_postgresql(field: str, value: object) -> None:
    assert PostgresCopy.model_validate(GOOD)
    with pytest.raises(ValidationError, match=field):
        PostgresCopy.model_validate({**GOOD, field: value})


@pytest.mark.parametrize("path", ["../.ssh/authorized_keys", "/etc/passwd", "archive//x", "", "archive/x\0"])
def test_no_file_goes_outside_the_home(path: str) -> None:
    good = {
        "path": "archive/x",
        "object": f"objects/aa/{'a' * 64}.age",
        "size_bytes": 1,
        "sha256": "a" * 64,
        "mode": 0,
    }
    assert KeptFile.model_validate(good)
    with pytest.raises(ValidationError, match="path"):
        KeptFile.model_validate({**good, "path": path})


def test_no_object_is_elsewhere_at_the_second_place() -> None:
    with pytest.raises(ValueError, match="no object"):
        list(read_listing(b'["objects/../../01/pieces/00000001-secrets.age",1,"00"]\n'))


@pytest.mark.postgres
def test_a_hostile_place_in_the_log_is_refused_and_runs_nothing(
    postgres_hq: Bureau, own_postgres: Callable[[], str], tmp_path: Path
) -> None:
    hq, ran = postgres_hq, tmp_path / "ran"
    hq.record_calls()
    hq.back_up()
    hostile = f"0/0'\nrecovery_target_lsn = ''\nrecovery_end_command = 'touch {ran}"
    Forger(hq, tmp_path / "forger").writes(2, lambda contents: contents["postgres"].update(lsn=hostile))
    with pytest.raises(Damaged, match=r"postgres\.lsn"):
        rehearse(hq.settings(), hq.source(), 2, hq.identities)
    with pytest.raises(Damaged, match=r"postgres\.lsn"):
        restore(hq.settings(tmp_path / "new", own_postgres()), hq.source(), hq.identities)
    assert not ran.exists()


def test_a_machine_believes_only_its_own_backups(forger: Forger) -> None:
    forger.writes(10**17)
    with pytest.raises(Damaged, match="signed by another key"):
        forger.hq.back_up()
    for path in forger.hq.there("manifests"):
        if "100000000000000000" in path.name:
            path.unlink()
    assert forger.hq.back_up().number == 2


def test_the_log_is_believed_by_the_key_that_was_given_not_by_the_one_that_lies_there(forger: Forger) -> None:
    source = forger.hq.source()
    source.key = source.signing_key(1)
    manifest = replace(source.manifest(1), log=f"7/{SEGMENT}")
    name = names.log_name("7", SEGMENT)
    sealed = forger.encrypts(name, b"a log of his")
    text = wal_text("hq", "7", sealed)
    signature, key = sign(Paths(forger.home), text.encode())
    signed = json.dumps({"text": text, "signature": signature, "key": key}).encode()
    source.place.put_bytes(names.log_signature(name), signed)
    source.place.put_bytes(names.manifest_name(1, "pem"), key.encode())
    with pytest.raises(Damaged, match="not signed by the key"):
        source.log_sealed(manifest, name)


def test_a_listing_that_bursts_is_refused_before_it_does(forger: Forger) -> None:
    source = forger.hq.source()
    manifest = source.manifest(1)
    source.place.put_bytes("manifests/00000001.list.gz", gzip.compress(bytes(64 * MB)))
    with little_memory(), pytest.raises(Damaged, match="cannot be read"):
        source.listing(manifest)


def test_contents_that_burst_are_refused_before_they_do(forger: Forger) -> None:
    source = forger.hq.source()
    listing = source.listing(source.manifest(1))
    forger.encrypts("pieces/00000001-contents.age", bytes(64 * MB))
    with little_memory(), pytest.raises(Damaged, match="is changed"):
        source.contents(listing, 1, forger.hq.identities)


@contextmanager
def little_memory() -> Iterator[None]:
    """No more is needed at once than a small part of what it would unpack to."""
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < 8 * MB
    finally:
        tracemalloc.stop()
