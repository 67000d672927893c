"""The store of incoming parts: what was acknowledged stays, whatever happens; nothing else counts."""

import errno
import hashlib
import os
import signal
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from supervision import disk
from supervision.errors import DomainError, InvalidInput, NotFound
from supervision.parts.errors import (
    AlreadyFinal,
    Damaged,
    Differs,
    DiskFault,
    DiskFull,
    Incomplete,
    LengthFixed,
    Locked,
    TooManyUnfinished,
)
from supervision.parts.incoming import Incoming
from supervision.parts.part_writer import PartState
from supervision.paths import HqPaths, PartName

OFFICE = "3301"
PART = PartName(uuid.UUID("01890000-0000-7000-8000-000000000001"), "a", 1)
OTHER = PartName(uuid.UUID("01890000-0000-7000-8000-000000000002"), "d", 1)


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def begun(incoming: Incoming, held: bytes = b"", length: int | None = None) -> None:
    """The part, with these bytes acknowledged."""
    incoming.create(OFFICE, PART, length, 10)
    with incoming.open(OFFICE, PART, 0) as upload:
        upload.write(held)
        upload.keep()


def bytes_of(paths: HqPaths) -> bytes:
    return paths.incoming_part(OFFICE, PART).read_bytes()


def test_what_is_kept_is_held_and_can_be_added_to(incoming: Incoming, paths: HqPaths) -> None:
    begun(incoming, b"first")
    with incoming.open(OFFICE, PART, 0) as upload:
        assert upload.state == PartState(5, None)
        upload.write(b" and")
        upload.write(b" second")
        upload.keep()
    assert incoming.state(OFFICE, PART) == PartState(16, None)
    assert bytes_of(paths) == b"first and second"


def test_what_is_not_kept_does_not_count(incoming: Incoming, paths: HqPaths) -> None:
    begun(incoming, b"first")
    with incoming.open(OFFICE, PART, 0) as upload:
        upload.write(b"lost")
    assert incoming.state(OFFICE, PART) == PartState(5, None)
    assert bytes_of(paths) == b"first"


def test_what_a_dead_writer_left_behind_is_cut_off(incoming: Incoming, paths: HqPaths) -> None:
    begun(incoming, b"first")
    with paths.incoming_part(OFFICE, PART).open("ab") as file:
        file.write(b"never acknowledged")
    assert incoming.state(OFFICE, PART) == PartState(5, None)
    with incoming.open(OFFICE, PART, 0):
        assert bytes_of(paths) == b"first"


def test_who_opens_a_part_and_adds_nothing_leaves_its_file_untouched(incoming: Incoming, paths: HqPaths) -> None:
    """A chunk that comes once more, and late, must not look like a change to whoever seals the part."""
    begun(incoming, b"01234")
    os.utime(paths.incoming_part(OFFICE, PART), ns=(1, 1))
    with incoming.open(OFFICE, PART, 0):
        pass
    assert paths.incoming_part(OFFICE, PART).stat().st_mtime_ns == 1


def test_the_data_is_durable_before_the_offset_is_written(
    incoming: Incoming, paths: HqPaths, monkeypatch: pytest.MonkeyPatch
) -> None:
    incoming.create(OFFICE, PART, None, 1)
    done: list[str] = []

    def sent(call: str) -> Callable[..., Any]:
        real = getattr(os, call)

        def instead(handle: int, *given: Any) -> Any:
            path = os.readlink(f"/proc/self/fd/{handle}")  # noqa: PTH115 - a link of the kernel's
            done.append(f"{call} {path.rpartition('.')[2]}")
            return real(handle, *given)

        return instead

    for call in ("pwrite", "fdatasync"):
        monkeypatch.setattr(os, call, sent(call))
    with incoming.open(OFFICE, PART, 0) as upload:
        upload.write(b"one")
        upload.write(b"two")
        upload.keep()
        upload.keep()
    in_turn = ["pwrite raw", "pwrite raw", "fdatasync raw", "pwrite offset", "fdatasync offset"]
    assert done == in_turn, "two syncs, however many blocks; none where nothing is new"


def test_dropping_takes_back_a_length_that_was_said_with_the_bytes(incoming: Incoming) -> None:
    begun(incoming, b"first")
    with incoming.open(OFFICE, PART, 0) as upload:
        upload.fix_length(10)
        upload.write(b"wrong")
        upload.drop()
        assert upload.keep() == PartState(5, None)


def test_beginning_a_part_again_is_the_same_part(incoming: Incoming) -> None:
    begun(incoming, b"first", 20)
    assert incoming.create(OFFICE, PART, 20, 0) == PartState(5, 20)
    assert incoming.create(OFFICE, PART, None, 0) == PartState(5, 20)
    with pytest.raises(LengthFixed):
        incoming.create(OFFICE, PART, 21, 0)


def test_a_deferred_length_can_be_sent_by_beginning_again(incoming: Incoming) -> None:
    begun(incoming, b"first")
    assert incoming.create(OFFICE, PART, 9, 0) == PartState(5, 9)
    assert incoming.state(OFFICE, PART) == PartState(5, 9)


def test_a_length_below_what_is_held_is_refused(incoming: Incoming) -> None:
    begun(incoming, b"first")
    with pytest.raises(InvalidInput):
        incoming.create(OFFICE, PART, 4, 0)


def test_only_so_many_parts_of_an_office_may_be_unfinished(incoming: Incoming) -> None:
    begun(incoming, b"first", 5)
    assert incoming.unfinished(OFFICE) == 0
    incoming.create(OFFICE, OTHER, None, 1)
    third = PartName(uuid.uuid4(), "a", 1)
    with pytest.raises(TooManyUnfinished):
        incoming.create(OFFICE, third, None, 1)
    incoming.create("3302", third, None, 1)
    incoming.finalize(OFFICE, OTHER, 0, sha256(b""))
    incoming.create(OFFICE, third, None, 1)


def test_a_part_that_is_not_there_is_not_found(incoming: Incoming) -> None:
    with pytest.raises(NotFound):
        incoming.state(OFFICE, PART)
    begun(incoming)
    with pytest.raises(NotFound), incoming.open("3302", PART, 0):
        pass


@pytest.mark.parametrize("office", ["", "..", "33/01", "3301\n", "３３０１", "123456789"])
def test_no_path_is_made_of_anything_but_an_office_code(incoming: Incoming, office: str) -> None:
    with pytest.raises(ValueError, match="office"):
        incoming.create(office, PART, None, 1)


def test_no_path_is_made_of_anything_but_a_part_name(incoming: Incoming) -> None:
    with pytest.raises(ValueError, match="part"):
        incoming.create(OFFICE, PartName(uuid.uuid4(), "/../x", 1), None, 1)


def test_there_is_one_writer_at_a_time(incoming: Incoming) -> None:
    begun(incoming)
    with incoming.open(OFFICE, PART, 0):
        with pytest.raises(Locked), incoming.open(OFFICE, PART, 0.03):
            pass
        assert incoming.state(OFFICE, PART) == PartState(0, None), "one may look all the same"
    with incoming.open(OFFICE, PART, 0):
        pass


# --- what was damaged ---------------------------------------------------------------------------------------


def shorten(paths: HqPaths) -> None:
    os.truncate(paths.incoming_part(OFFICE, PART), 4)


def remove(paths: HqPaths) -> None:
    paths.incoming_part(OFFICE, PART).unlink()


def remove_offset(paths: HqPaths) -> None:
    paths.incoming_offset(OFFICE, PART).unlink()


def blank_offset(paths: HqPaths) -> None:
    paths.incoming_offset(OFFICE, PART).write_bytes(bytes(8192))


def false_final(paths: HqPaths) -> None:
    paths.incoming_final(OFFICE, PART).write_text('{"length": 5')


def longer_final(paths: HqPaths) -> None:
    paths.incoming_final(OFFICE, PART).write_text('{"length": 9, "sha256": "' + sha256(b"") + '"}')


@pytest.mark.parametrize(
    "damage", [shorten, remove, remove_offset, blank_offset, false_final, longer_final], ids=lambda f: f.__name__
)
def test_damage_is_reported_and_never_gone_on_from(
    incoming: Incoming, paths: HqPaths, damage: Callable[[HqPaths], None]
) -> None:
    begun(incoming, b"first")
    damage(paths)
    with pytest.raises(Damaged):
        incoming.state(OFFICE, PART)
    with pytest.raises(Damaged), incoming.open(OFFICE, PART, 0):
        pass
    with pytest.raises(Damaged):
        incoming.create(OFFICE, PART, None, 10)
    with pytest.raises(Damaged):
        incoming.finalize(OFFICE, PART, 5, sha256(b"first"))


# --- final --------------------------------------------------------------------------------------------------


def test_a_final_part_stays_as_it_is(incoming: Incoming, paths: HqPaths) -> None:
    begun(incoming, b"first")
    final = PartState(5, 5, sha256(b"first"))
    assert incoming.finalize(OFFICE, PART, 5, sha256(b"first").upper()) == final
    assert incoming.finalize(OFFICE, PART, 5, sha256(b"first")) == final, "called again it is a no-op"
    assert incoming.state(OFFICE, PART) == final
    with incoming.open(OFFICE, PART, 0) as upload, pytest.raises(AlreadyFinal):
        upload.write(b"more")
    for length, digest in ((6, sha256(b"first")), (5, sha256(b"other"))):
        with pytest.raises(Differs):
            incoming.finalize(OFFICE, PART, length, digest)
    assert bytes_of(paths) == b"first"


@pytest.mark.parametrize(
    ("length", "data", "refusal"),
    [(6, b"first!", Incomplete), (4, b"firs", Differs), (5, b"other", Differs)],
    ids=["bytes are missing", "more is held", "another hash"],
)
def test_only_what_is_held_can_be_final(
    incoming: Incoming, length: int, data: bytes, refusal: type[DomainError]
) -> None:
    begun(incoming, b"first")
    with pytest.raises(refusal):
        incoming.finalize(OFFICE, PART, length, sha256(data))
    assert not incoming.state(OFFICE, PART).final


def test_another_length_than_was_fixed_cannot_be_final(incoming: Incoming) -> None:
    begun(incoming, b"first", 9)
    with pytest.raises(Differs):
        incoming.finalize(OFFICE, PART, 5, sha256(b"first"))


@pytest.mark.parametrize("digest", ["", "ab", "g" * 64])
def test_a_hash_is_64_digits(incoming: Incoming, digest: str) -> None:
    begun(incoming, b"first")
    with pytest.raises(InvalidInput):
        incoming.finalize(OFFICE, PART, 5, digest)


# --- the disk and death -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "failure", [(errno.ENOSPC, DiskFull), (errno.EDQUOT, DiskFull), (errno.EIO, DiskFault)], ids=str
)
@pytest.mark.parametrize(("call", "nth"), [("pwrite", 1), ("pwrite", 2), ("fdatasync", 1), ("fdatasync", 2)])
def test_a_failing_disk_keeps_nothing_of_what_just_came(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    failure: tuple[int, type[DomainError]],
    call: str,
    nth: int,
) -> None:
    incoming, (number, refusal) = Incoming(HqPaths(tmp_path)), failure
    begun(incoming, b"first")
    real, seen = getattr(os, call), 0

    def fails(*given: Any) -> Any:
        nonlocal seen
        seen += 1
        if seen == nth:
            raise OSError(number, os.strerror(number))
        return real(*given)

    with incoming.open(OFFICE, PART, 0) as upload:
        monkeypatch.setattr(os, call, fails)
        with pytest.raises(refusal):
            upload.write(b" and second")
            upload.keep()
    monkeypatch.undo()
    assert incoming.state(OFFICE, PART) == PartState(5, None)
    with incoming.open(OFFICE, PART, 0) as upload:
        upload.write(b"!")
        assert upload.keep() == PartState(6, None)


def steps(incoming: Incoming, acknowledge: Callable[[int], None]) -> None:
    """A part from its beginning to its end, each offset reported once it is acknowledged."""
    incoming.create(OFFICE, PART, None, 10)
    for _ in range(3):
        with incoming.open(OFFICE, PART, 0) as upload:
            upload.write(b"0123456789" * 100)
            acknowledge(upload.keep().offset)
    incoming.finalize(OFFICE, PART, 3000, sha256(b"0123456789" * 300))
    acknowledge(-1)


def dies_at(incoming: Incoming, nth: int) -> tuple[bool, list[int]]:
    """Run the steps in a child that is killed before its nth change of the disk: whether it was, its offsets."""
    reading, telling = os.pipe()
    child = os.fork()
    if child == 0:
        _live_until(nth)
        steps(incoming, lambda offset: record_sync(telling, offset))
        os._exit(0)
    os.close(telling)
    with open(reading, "rb") as sent:  # noqa: PTH123 - a pipe has no path
        offsets = [int(line) for line in sent]
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status), offsets


def record_sync(handle: int, offset: int) -> None:
    os.write(handle, b"%d\n" % offset)


def _live_until(nth: int) -> None:
    left = nth

    def counted(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*given: Any, **named: Any) -> Any:
            nonlocal left
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return real(*given, **named)

        return call

    for name in ("pwrite", "fdatasync", "fsync", "ftruncate", "link", "unlink", "mkdir", "open"):
        setattr(os, name, counted(getattr(os, name)))


def test_killed_before_any_change_of_the_disk_every_acknowledged_byte_is_there(
    paths: HqPaths, tmp_path_factory: pytest.TempPathFactory
) -> None:
    nth, killed = 0, True
    while killed:
        nth += 1
        fresh = HqPaths(tmp_path_factory.mktemp("killed"))
        incoming = Incoming(fresh)
        killed, sent = dies_at(incoming, nth)
        acknowledged = max([0, *sent])
        try:
            state = incoming.state(OFFICE, PART)
        except NotFound:
            assert not sent
            continue
        assert state.offset >= acknowledged
        assert bytes_of(fresh)[:acknowledged] == (b"0123456789" * 300)[:acknowledged]
        assert state.final or -1 not in sent
        # And it can be gone on with, to the end.
        with incoming.open(OFFICE, PART, 0) as upload:
            if not state.final:
                upload.write((b"0123456789" * 300)[state.offset :])
            upload.keep()
        assert incoming.finalize(OFFICE, PART, 3000, sha256(b"0123456789" * 300)).final
    assert nth > 30, "it was killed at each step"


# --- files that are there for good --------------------------------------------------------------------------


def test_a_new_file_never_takes_anothers_place(paths: HqPaths) -> None:
    path = paths.crl.parent
    disk.make_folder(path)
    disk.write_new(paths.crl, b"one")
    with pytest.raises(FileExistsError):
        disk.write_new(paths.crl, b"two")
    assert paths.crl.read_bytes() == b"one"
    assert paths.crl.stat().st_mode & 0o777 == 0o600
    disk.replace(paths.crl, b"three")
    assert paths.crl.read_bytes() == b"three"
    assert [one.name for one in path.iterdir()] == [paths.crl.name], "nothing else is left lying about"
