"""The whole: backed up, more happens, restored onto an empty machine, and nothing is missing."""

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text

from supervision.backups.encryption import new_identity, read_identities
from supervision.backups.errors import Damaged, WrongKey
from supervision.backups.postgres import LATEST
from supervision.backups.restoring import rehearse, restore, verify
from supervision.calls.models import Call
from supervision.clock import now
from supervision.database import Database
from supervision.errors import NotFound, Refused, Unavailable
from supervision.settings import Settings
from tests.backups.bureau import Bureau, files, rows
from tests.postgres import Cluster

pytestmark = pytest.mark.thorough

KEPT = ("archive", "attachments", "incoming", "secrets")


def test_a_restored_headquarters_has_every_recording_and_every_row(
    either_hq: Bureau, empty_url: str, tmp_path: Path
) -> None:
    hq = either_hq
    hq.record_calls(3)
    hq.sign_head()
    hq.record_calls(1)
    before, held = rows(hq.database_url), files(hq.home, *KEPT)
    made = hq.back_up()
    hq.record_calls(2)
    restored = hq.settings(tmp_path / "new", empty_url)
    report = restore(restored, hq.source(), hq.identities)
    assert (report.faults, report.number, report.recordings) == ([], made.number, 4)
    assert rows(restored.database()) == before == report.tables
    again = files(restored.home, *KEPT)
    assert {path: data for path, data in held.items() if "draw-shares-given" not in path} == again
    assert verify(hq.source(), made.number) == []
    assert rehearse(hq.settings(), hq.source(), made.number, hq.identities).faults == []


def test_restoring_refuses_a_home_or_a_database_that_is_not_empty(
    either_hq: Bureau, empty_url: str, tmp_path: Path
) -> None:
    hq = either_hq
    hq.record_calls()
    hq.back_up()
    there = hq.settings(tmp_path / "new", empty_url)
    file = there.home / "archive" / "kept.flac"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"somebody's")
    with pytest.raises(Refused, match="archive"):
        restore(there, hq.source(), hq.identities)
    assert file.read_bytes() == b"somebody's"
    if empty_url:
        with pytest.raises(Refused, match="tables"):
            restore(hq.settings(tmp_path / "other"), hq.source(), hq.identities)


def test_a_changed_byte_is_found_with_and_without_the_private_key(hq: Bureau, tmp_path: Path) -> None:
    hq.record_calls(2)
    made = hq.back_up()
    for path in hq.there("objects")[:1] + hq.there("pieces"):
        whole = path.read_bytes()
        path.write_bytes(whole[:-40] + bytes([whole[-40] ^ 1]) + whole[-39:])
        name = path.relative_to(hq.place / "hq").as_posix()
        assert verify(hq.source(), made.number) == [f"{name} is changed"]
        try:
            faults = rehearse(hq.settings(), hq.source(), made.number, hq.identities).faults
        except Damaged as error:
            faults = [error.detail]
        assert any(name in fault for fault in faults), path
        path.write_bytes(whole)
    assert verify(hq.source(), made.number) == []


def test_a_lost_file_is_found_and_named_by_what_it_was(hq: Bureau, tmp_path: Path) -> None:
    (call,) = hq.record_calls()
    made = hq.back_up()
    opened = hq.source().contents(hq.source().listing(hq.source().manifest(1)), 1, hq.identities)
    path = f"{hq.archive.sealed(call).relative_to(hq.home)}"
    (lost,) = [one for one in opened.files if one.path == path]
    (hq.place / "hq" / lost.object).unlink()
    assert verify(hq.source(), made.number) == [f"{lost.object} is missing"]
    report = restore(hq.settings(tmp_path / "new", ""), hq.source(), hq.identities)
    assert report.faults == [f"{path}: {lost.object} is missing", f"recording {call.id}: missing"]


def test_another_signature_manifest_or_listing_is_refused(hq: Bureau) -> None:
    hq.record_calls()
    hq.back_up()
    for suffix, data in (("txt", b"supervision backup\n"), ("sig", b"0"), ("pem", b"no key"), ("list.gz", b"x")):
        path = hq.place / "hq" / f"manifests/00000001.{suffix}"
        whole = path.read_bytes()
        path.write_bytes(data)
        with pytest.raises(Damaged):
            verify(hq.source(), 1)
        path.write_bytes(whole)
    source = hq.source()
    source.key = source.signing_key(1).replace("A", "B")
    with pytest.raises(Damaged, match="another key"):
        verify(source, 1)


def test_a_listing_that_was_signed_for_another_backup_is_refused(hq: Bureau) -> None:
    hq.record_calls()
    hq.back_up()
    hq.later(days=1)
    hq.record_calls()
    hq.back_up()
    first, second = (hq.place / "hq" / f"manifests/0000000{n}.list.gz" for n in (1, 2))
    second.write_bytes(first.read_bytes())
    with pytest.raises(Damaged, match="not the one that was signed"):
        verify(hq.source(), 2)


def test_the_wrong_key_says_so_plainly_and_restores_nothing(hq: Bureau, tmp_path: Path) -> None:
    hq.record_calls()
    hq.back_up()
    other = tmp_path / "other.txt"
    other.write_text(f"# public key: …\n{new_identity()[0]}\n", "utf-8")
    with pytest.raises(WrongKey, match="not encrypted for this private key"):
        restore(hq.settings(tmp_path / "new", ""), hq.source(), read_identities(other))
    assert not (tmp_path / "new").exists()


def test_nothing_at_the_second_place_can_be_read_there(hq: Bureau) -> None:
    (call,) = hq.record_calls()
    hq.back_up()
    names = (str(call.id), "张", "13812345678", "CREATE TABLE")
    for path in hq.there():
        data = path.read_bytes()
        assert data.startswith(b"age-encryption.org/v1") == (path.suffix == ".age"), path
        assert not [name for name in names if name.encode() in data or name in path.name], path


def test_what_shares_were_given_for_is_never_in_a_backup(hq: Bureau, tmp_path: Path) -> None:
    hq.record_calls()
    hq.back_up()
    restored = hq.settings(tmp_path / "new", "")
    restore(restored, hq.source(), hq.identities)
    names = {path.name for path in (restored.home / "secrets").iterdir()}
    assert names >= {"draw-2026-11", "rescore", "audit-signing-key"}
    assert "draw-shares-given" not in names
    assert (restored.home / "secrets" / "rescore").stat().st_mode & 0o777 == 0o600


def test_secrets_can_have_a_key_of_their_own(hq: Bureau, tmp_path: Path) -> None:
    private, public = new_identity()
    (tmp_path / "apart.txt").write_text(private, "ascii")
    apart = read_identities(tmp_path / "apart.txt")
    hq.record_calls()
    hq.secrets_public = public
    made = hq.back_up()
    with pytest.raises(WrongKey):
        rehearse(hq.settings(), hq.source(), made.number, hq.identities)
    both = [*hq.identities, *apart]
    assert rehearse(hq.settings(), hq.source(), made.number, both).faults == []


@pytest.mark.postgres
def test_postgresql_is_restored_to_any_moment_between_its_backups(
    postgres_hq: Bureau, own_postgres: Callable[[], str], tmp_path: Path
) -> None:
    hq = postgres_hq
    hq.archive.now = now()
    (first,) = hq.record_calls()
    hq.back_up()
    (second,) = hq.record_calls()
    moment = database_time(hq)
    (third,) = hq.record_calls()
    hq.send_log()
    latest = hq.settings(tmp_path / "latest", own_postgres())
    report = restore(latest, hq.source(), hq.identities, LATEST)
    assert calls_in(latest) == {first.id, second.id, third.id}
    # These recordings came after the backup, and there is no later one yet that has them: the report says so.
    assert {*report.faults} == {f"recording {one.id}: missing" for one in (second, third)}
    hq.archive.now = now()
    hq.back_up()
    at_moment = hq.settings(tmp_path / "then", own_postgres())
    assert restore(at_moment, hq.source(), hq.identities, moment).faults == []
    assert calls_in(at_moment) == {first.id, second.id}
    too_late = hq.settings(tmp_path / "too_late", own_postgres())
    with pytest.raises(Unavailable, match="does not reach to that time"):
        restore(too_late, hq.source(), hq.identities, now() + timedelta(days=1))
    with pytest.raises(NotFound, match="from before that time"):
        restore(too_late, hq.source(), hq.identities, moment - timedelta(days=9))


@pytest.mark.postgres
def test_a_gap_in_postgresqls_log_or_a_changed_piece_of_it_is_found(
    postgres_hq: Bureau, wal_cluster: Cluster
) -> None:
    hq = postgres_hq
    hq.record_calls()
    made = hq.back_up()
    wal_cluster.server.run("SELECT pg_switch_wal()")
    hq.record_calls()
    hq.send_log()
    assert verify(hq.source(), made.number) == []
    (_, *later) = [path for path in hq.there("wal") if path.suffix == ".age"]
    assert later, "more than one segment"
    whole = later[0].read_bytes()
    later[0].write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    assert [fault.rpartition(" is ")[2] for fault in verify(hq.source(), made.number)] == ["changed"]
    later[0].write_bytes(whole)
    later[0].with_suffix("").with_suffix(".json").write_text("{}")
    assert len(verify(hq.source(), made.number)) == 1
    hq.there("wal")[0].unlink()
    assert any("missing from" in fault for fault in verify(hq.source(), made.number))


def calls_in(settings: Settings) -> set[uuid.UUID]:
    """The calls in a database."""
    database = Database(settings.database())
    try:
        with database.reading() as session:
            return set(session.scalars(select(Call.id)))
    finally:
        database.close()


def database_time(hq: Bureau) -> datetime:
    """Now, by the clock that stamps PostgreSQL's commits."""
    with hq.archive.database.reading() as session:
        moment: datetime = session.scalars(text("SELECT clock_timestamp()")).one()
        return moment
