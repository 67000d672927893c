"""Making backups: nothing is sent twice, an interrupted one goes on, old ones go, what is missing comes again."""

import fcntl
import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any, ClassVar

import pytest

from supervision.backups import making
from supervision.backups.files import hash_file, large_files
from supervision.backups.index import Index
from supervision.backups.models import Backup
from supervision.backups.place import Place
from supervision.backups.postgres import LATEST
from supervision.backups.restoring import restore, verify
from supervision.backups.rules import Sealed
from supervision.backups.sending import all_of, sender_of
from supervision.errors import InvalidInput, Refused, Unavailable
from supervision.paths import BackupPaths
from tests.backups.bureau import Bureau, files


class CountingPlace(Place):
    """Counts what is written; gives up after so many."""

    written: ClassVar[Counter[str]] = Counter()
    gives_up_after: ClassVar[int | None] = None

    def put(self, name: str, write: Callable[[IO[bytes]], None]) -> None:
        if self.gives_up_after is not None and self.written.total() >= self.gives_up_after:
            raise Unavailable("the second place: the link is down")
        super().put(name, write)
        self.written[name] += 1


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> type[CountingPlace]:
    monkeypatch.setattr(CountingPlace, "written", Counter())
    monkeypatch.setattr(CountingPlace, "gives_up_after", None)
    return CountingPlace


def back_up(hq: Bureau, place: type[Place]) -> Backup:
    with sender_of(hq.settings(), hq.code, place) as send:
        return making.make_backup(hq.settings(), hq.archive.database, send, lambda: hq.archive.now)


def objects(written: Counter[str]) -> Counter[str]:
    return Counter({name: n for name, n in written.items() if name.startswith("objects/")})


def test_what_is_there_by_its_hash_is_not_sent_again(hq: Bureau, counted: type[CountingPlace]) -> None:
    hq.record_calls(2)
    back_up(hq, counted)
    first = objects(counted.written)
    assert first.total() == 2 * 3 - 1 + 1  # sealed and raw each, their waveforms are equal, one attachment
    hq.later(days=1)
    again = hq.record_calls(1)
    second = back_up(hq, counted)
    new = objects(counted.written) - first
    assert new.total() == 3
    assert second.sent_bytes < second.size_bytes
    assert (second.number, len(again)) == (2, 1)
    assert verify(hq.source(), 2) == []


def test_an_interrupted_backup_is_none_and_goes_on_where_it_was(
    hq: Bureau, counted: type[CountingPlace], tmp_path: Path
) -> None:
    hq.record_calls(4)
    counted.gives_up_after = 8
    with pytest.raises(Unavailable):
        back_up(hq, counted)
    assert hq.source().numbers() == []
    sent = objects(counted.written)
    assert sent.total() > 2
    counted.gives_up_after = None
    made = back_up(hq, counted)
    assert all(n == 1 for n in objects(counted.written).values()), "no object went twice"
    assert (made.number, verify(hq.source(), 1)) == (1, [])
    assert restore(hq.settings(tmp_path / "new", ""), hq.source(), hq.identities).faults == []


def test_a_restore_that_was_interrupted_goes_on(
    hq: Bureau, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hq.record_calls(3)
    hq.back_up()
    restored = hq.settings(tmp_path / "new", "")
    source, fetched = hq.source(), 0
    fetch = source.fetch

    def breaks(*arguments: object, **options: object) -> None:
        nonlocal fetched
        fetched += 1
        if fetched == 5:
            raise Unavailable("the second place: the link is down")
        fetch(*arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(source, "fetch", breaks)
    with pytest.raises(Unavailable):
        restore(restored, source, hq.identities)
    assert not restored.home.joinpath("hq.db").exists()
    report = restore(restored, hq.source(), hq.identities)
    assert (report.faults, report.recordings) == ([], 3)
    assert files(restored.home, "archive") == files(hq.home, "archive")
    with pytest.raises(Refused):
        restore(restored, hq.source(), hq.identities)


def test_without_what_it_knew_a_machine_learns_from_its_newest_manifest(
    hq: Bureau, counted: type[CountingPlace]
) -> None:
    hq.record_calls(2)
    back_up(hq, counted)
    BackupPaths(hq.home).index.unlink()
    before = objects(counted.written)
    back_up(hq, counted)
    assert objects(counted.written) == before
    assert verify(hq.source(), 2) == []


def test_what_is_missing_at_the_second_place_or_cut_short_is_sent_again(hq: Bureau) -> None:
    hq.record_calls(2)
    hq.back_up()
    gone, short, *_ = hq.there("objects")
    gone.unlink()
    short.write_bytes(short.read_bytes()[:-1])
    hq.later(days=1)
    hq.back_up()
    assert verify(hq.source(), 2) == []
    assert verify(hq.source(), 1) != []  # encrypted anew, it is another object: the older backup has lost it


def test_another_second_place_gets_everything(hq: Bureau, tmp_path: Path) -> None:
    hq.record_calls()
    hq.back_up()
    first = len(hq.there("objects"))
    hq.place = tmp_path / "other"
    hq.back_up()
    assert (len(hq.there("objects")), hq.source().numbers()) == (first, [2])


def test_old_backups_go_with_what_only_they_had(hq: Bureau) -> None:
    (call,) = hq.record_calls()
    hq.back_up()
    hq.archive.sealed(call).unlink()  # deleted by two people
    for _ in range(12):
        hq.later(days=7)
        hq.back_up()
    numbers = hq.source().numbers()
    assert numbers[-1] == 13
    assert len(numbers) == 9
    assert 1 not in numbers
    lists = [hq.source().listing(hq.source().manifest(number)) for number in numbers]
    there = {path.relative_to(hq.place / "hq").as_posix() for path in hq.there("objects") + hq.there("pieces")}
    assert there == {one.name for listing in lists for one in listing}
    with hq.archive.database.reading() as session:
        assert session.get_one(Backup, 1).dropped_at is not None
        assert session.get_one(Backup, 13).dropped_at is None


def test_a_second_place_that_keeps_by_itself_is_left_alone(hq: Bureau) -> None:
    hq.prune = False
    hq.record_calls()
    for _ in range(3):
        hq.back_up()
        hq.later(days=100)
    assert hq.source().numbers() == [1, 2, 3]


def test_two_at_once_are_one(hq: Bureau) -> None:
    lock = BackupPaths(hq.home).lock
    lock.parent.mkdir(parents=True, exist_ok=True)
    held = os.open(lock, os.O_RDWR | os.O_CREAT)
    fcntl.flock(held, fcntl.LOCK_EX)
    with pytest.raises(Refused, match="another backup"):
        hq.back_up()
    os.close(held)
    assert hq.back_up().number == 1


@pytest.mark.postgres
def test_the_log_goes_on_being_sent_while_a_backup_is_made(
    postgres_hq: Bureau, own_postgres: Callable[[], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hq = postgres_hq
    hq.record_calls()
    went = list[int]()

    def for_days(*arguments: Any) -> Any:
        hq.record_calls()
        went.append(hq.send_log())
        return all_of(*arguments)

    monkeypatch.setattr("supervision.backups.making.all_of", for_days)
    hq.back_up()
    assert went[0] > 0
    report = restore(hq.settings(tmp_path / "new", own_postgres()), hq.source(), hq.identities, LATEST)
    assert report.recordings == 2


def test_a_file_that_grows_meanwhile_is_kept_as_far_as_it_was_seen(hq: Bureau) -> None:
    (call,) = hq.record_calls()
    with hq.sender() as send:
        growing = hq.archive.raw(call)
        before = growing.read_bytes()
        (found,) = [one for one in large_files(hq.home, hq.mode) if one.path.endswith(".raw")]
        growing.write_bytes(before + b"more")
        sent = send.file(found)
    assert sent is not None
    assert sent[0].size_bytes == len(before)


def test_a_file_that_changed_since_it_was_hashed_is_hashed_once_more(hq: Bureau) -> None:
    (call,) = hq.record_calls()
    flac = hq.archive.sealed(call)
    with hq.sender() as send:
        (found,) = [one for one in large_files(hq.home, hq.mode) if one.path.endswith(".flac")]
        send.index.note_hash(found, "0" * 64)
        sent = send.file(found)
    assert sent is not None
    assert sent[0].sha256 != "0" * 64
    assert sent[0].size_bytes == flac.stat().st_size


def test_a_file_that_cannot_be_read_is_named_and_the_others_go_on(
    hq: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = hq.record_calls(2)
    sick = str(hq.archive.sealed(first))
    real = hash_file

    def reading(path: Path, most: int) -> tuple[str, int]:
        if str(path) == sick:
            raise OSError(5, "Input/output error")
        hashed: tuple[str, int] = real(path, most)
        return hashed

    monkeypatch.setattr("supervision.backups.sending.hash_file", reading)
    made = hq.back_up()
    assert str(first.id) in made.fault
    assert "Input/output error" in made.fault
    contents = hq.source().contents(hq.source().listing(hq.source().manifest(1)), 1, hq.identities)
    assert str(second.id) in "".join(one.path for one in contents.files)


def test_settings_that_are_not_whole_are_named(hq: Bureau) -> None:
    for changed, named in (
        ({"backup_url": ""}, "BACKUP_URL"),
        ({"backup_url": "ftp://somewhere"}, "not a second place"),
        ({"backup_recipient": ""}, "backup_recipient"),
        ({"backup_recipient": "age1nonsense"}, "not a public key"),
    ):
        settings = hq.settings().model_copy(update=changed)
        with pytest.raises(InvalidInput, match=named), sender_of(settings, "hq"):
            pass


def test_an_index_of_another_second_place_knows_nothing(tmp_path: Path) -> None:
    with Index(tmp_path / "index.db", "file:///a") as index:
        index.note_sent(Sealed("objects/x", 1, "0" * 64))
    with Index(tmp_path / "index.db", "file:///a") as index:
        assert index.sent("objects/x") is not None
    with Index(tmp_path / "index.db", "file:///b") as index:
        assert index.sent("objects/x") is None


def test_an_index_holds_no_password_of_the_second_place(tmp_path: Path) -> None:
    with Index(tmp_path / "index.db", "sftp://backup:hush-hush@backup.example/srv"):
        written = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"hush-hush" not in written
