"""Encoding: the heavy half of sealing, on disk only. Parts are checked, joined, written as FLAC and read back.

Raw parts are not touched here. They are put away long after, by `supervision.retention`, once both sides have
sealed the same.
"""

import contextlib
import hashlib
import json
import os
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from supervision import disk
from supervision.incidents.rules import Cause
from supervision.paths import PartName, Paths
from supervision.recordings import audio
from supervision.recordings.rules import (
    COARSE_MS,
    PartSpan,
    Timeline,
    frames_to_ms,
    holds_all,
    join_parts,
    officer_on_ms,
    one_side_only,
    same_duration,
)

READ_BYTES = 1 << 20
PART_CAUSES = (Cause.PART_MISSING, Cause.PART_TRUNCATED, Cause.PART_CHANGED)
CALL_CAUSES = (Cause.RECORDING_GAP, Cause.LENGTH_MISMATCH, Cause.NOT_RECORDED)


class SealingError(Exception):
    """Sealing cannot go on now; it is tried again later."""


@dataclass(frozen=True)
class KnownPart:
    """A part as ari_app closed it: length in bytes and SHA-256 are what the file must still have.

    Both are None where there was no file to close, or where the part came to light afterwards.
    """

    name: str
    started_at: datetime
    length_bytes: int | None
    sha256: str | None


@dataclass(frozen=True)
class Claim:
    """One recording taken for sealing until `until`, with all that `encode_recording` needs to know of its call.

    `waited_ms`: for how long the caller waited on the answered line while no desk rang. `coarse`:
    the record rests on the detail record alone, whose times are whole seconds.
    """

    call_id: uuid.UUID
    office_code: str
    offered_at: datetime
    line_answered_at: datetime | None
    answered_at: datetime | None
    ended_at: datetime
    interrupted: bool
    parts: tuple[KnownPart, ...]
    attempt: int
    until: datetime
    flac_sha256: str | None = None
    pcm_sha256: str | None = None
    put_away: bool = False
    waited_ms: int = 0
    coarse: bool = False

    @property
    def expected_ms(self) -> int:
        """How long the audio should be: from the line's answer to the call's end; 0 if it was never answered."""
        if self.heard_from is None:
            return 0
        return max(0, (self.ended_at - self.heard_from) // timedelta(milliseconds=1))

    @property
    def leaves_audio(self) -> bool:
        """Whether the line was up for long enough that audio must have been written."""
        return not same_duration(0, self.expected_ms)

    @property
    def heard_from(self) -> datetime | None:
        """From when on there should be audio: the line's answer, or the person's; None if there was neither."""
        return self.line_answered_at or self.answered_at


@dataclass(frozen=True)
class Defect:
    """Something that is not as it should be; it becomes an incident."""

    cause: Cause
    subject: str
    detail: dict[str, Any]


@dataclass(frozen=True)
class Written:
    """The file that was written and read back, its hashes, and what was measured while it passed."""

    pcm_sha256: str
    flac_sha256: str
    flac_bytes: int
    measures: audio.Measures


@dataclass(frozen=True)
class Sealed:
    """A sealed recording: how its parts lie in it, its file, and where the officer came on."""

    timeline: Timeline
    file: Written
    officer_on_ms: int | None


@dataclass(frozen=True)
class Encoded:
    """What `encode_recording` came to: the sealed file, or None where there is no audio; and what was found."""

    sealed: Sealed | None
    defects: tuple[Defect, ...]


def encode_recording(
    paths: Paths, claim: Claim, part_file: Callable[[PartName], Path] | None = None
) -> Encoded | None:
    """Check the parts, join them and write the sealed file and its peaks; no database is touched.

    `part_file` says where a part is; in the spool, unless given. None if the recording is sealed
    already and the file is still the one that was sealed. Raises whatever the disk raises, and SealingError
    where the parts are not what they must be for sealing at all.
    """
    target = paths.sealed(claim.call_id, claim.offered_at)
    peaks = paths.peaks(claim.call_id, claim.offered_at)
    if claim.flac_sha256 is not None and peaks.exists() and _holds(target, claim.flac_sha256):
        return None
    if claim.put_away:
        raise SealingError("the sealed file is damaged, and its raw parts were put away")
    files = {part.name: (part_file or paths.part)(_name_of(part)) for part in claim.parts}
    before = {name: _fingerprint(path) for name, path in files.items()}
    spans, defects = [], []
    for part in claim.parts:
        frames, defect = check_part(files[part.name], part, expected=claim.leaves_audio)
        spans.append(PartSpan(part.name, part.started_at, frames))
        defects += [defect] if defect else []
    timeline = join_parts(spans, claim.ended_at)
    sealed, one_sided = None, False
    if timeline.frames:
        cut = any(defect.cause in PART_CAUSES[:2] for defect in defects)
        on_ms = officer_on_ms(timeline, claim.answered_at, claim.ended_at, tail_lost=claim.interrupted or cut)
        sealed = Sealed(timeline, _write(paths, claim, timeline, files), on_ms)
        one_sided = on_ms is not None and not cut and one_side_only(*sealed.file.measures.still, on_ms)
    defects += find_defects(claim, timeline, one_sided=one_sided)
    if {name: _fingerprint(path) for name, path in files.items()} != before:
        raise SealingError("a part changed while it was being sealed")
    return Encoded(sealed, tuple(defects))


def check_part(path: Path, part: KnownPart, *, expected: bool) -> tuple[int, Defect | None]:
    """The whole frames that a part's file really holds, and what is wrong with it.

    What is on disk is sealed, and what disagrees with the closing is said: a file that is missing, shorter,
    longer or changed. Trailing bytes of an unfinished frame are left out, and are normal after a kill. A part
    that never came to be is only missed where audio is `expected`: before the line is answered, nothing is
    recorded.
    """
    try:
        found_bytes, found_sha256 = _hash(path)
    except FileNotFoundError:
        lost = expected if part.length_bytes is None else part.length_bytes > 0
        return 0, Defect(Cause.PART_MISSING, part.name, _loss(part.length_bytes, 0)) if lost else None
    defect = None
    if part.length_bytes is not None and found_bytes < part.length_bytes:
        defect = Defect(Cause.PART_TRUNCATED, part.name, _loss(part.length_bytes, found_bytes))
    elif found_sha256 != part.sha256:
        hashes = {"closed_sha256": part.sha256, "found_sha256": found_sha256}
        defect = Defect(Cause.PART_CHANGED, part.name, _loss(part.length_bytes, found_bytes) | hashes)
    return found_bytes // audio.FRAME_BYTES, defect


def _loss(closed_bytes: int | None, found_bytes: int) -> dict[str, Any]:
    lost = max(0, (closed_bytes or 0) - found_bytes) // audio.FRAME_BYTES
    return {"closed_bytes": closed_bytes, "found_bytes": found_bytes, "lost_ms": frames_to_ms(lost)}


def find_defects(claim: Claim, timeline: Timeline, *, one_sided: bool) -> list[Defect]:
    """What the joined recording says against the call's record (S2; decision 4).

    The line's answer to the call's end is what should have been recorded. Where Asterisk was killed, the tail
    that it took along is no mismatch: the incident of its stop says so already. Where only one side was heard
    (`one_sided`), that side may have been late to send, and nothing is recorded before it does. Only Asterisk's
    count of packets tells that from a loss, so the comparison of the witnesses names what is missing there.
    """
    subject = str(claim.call_id)
    defects = []
    if timeline.gaps:
        gaps = [{"at_ms": gap.at_ms, "length_ms": gap.length_ms} for gap in timeline.gaps]
        defects.append(Defect(Cause.RECORDING_GAP, subject, {"gaps": gaps}))
    if claim.heard_from is None:
        return defects
    expected_ms = claim.expected_ms
    if claim.interrupted and timeline.frames:
        expected_ms = max(0, expected_ms - timeline.tail_ms)
    detail = {"expected_ms": expected_ms, "found_ms": timeline.duration_ms, "missing_at_end_ms": timeline.tail_ms}
    agrees = holds_all(timeline.duration_ms, expected_ms, claim.waited_ms)
    agrees = agrees or (claim.coarse and abs(timeline.duration_ms - expected_ms) <= COARSE_MS)
    perhaps_unsent = one_sided and not claim.interrupted and timeline.duration_ms < expected_ms
    if timeline.frames and not agrees and not perhaps_unsent:
        defects.append(Defect(Cause.LENGTH_MISMATCH, subject, detail))
    if not timeline.frames and claim.leaves_audio:
        defects.append(Defect(Cause.NOT_RECORDED, subject, {"expected_ms": expected_ms}))
    return defects


def _write(paths: Paths, claim: Claim, timeline: Timeline, files: Mapping[str, Path]) -> Written:
    """FLAC and peaks, whole or not at all: written beside, made durable, read back, renamed.

    The FLAC comes last, so that wherever a sealed file is found, its peaks are there.
    """
    target = paths.sealed(claim.call_id, claim.offered_at)
    _make_durable_folder(target.parent)
    for left in target.parent.glob(f".{claim.call_id}.*.tmp"):
        left.unlink(missing_ok=True)
    flac = target.with_name(f".{claim.call_id}.flac.{claim.attempt}.tmp")
    peaks = target.with_name(f".{claim.call_id}.peaks.{claim.attempt}.tmp")
    try:
        written = _write_flac(flac, timeline, files, peaks)
        _make_durable(peaks)
        peaks.replace(paths.peaks(claim.call_id, claim.offered_at))
        flac.replace(target)
        _sync_folder(target.parent)
    except Exception:
        with contextlib.suppress(OSError):
            flac.unlink(missing_ok=True)
            peaks.unlink(missing_ok=True)
        raise
    return written


def _write_flac(flac: Path, timeline: Timeline, files: Mapping[str, Path], peaks: Path) -> Written:
    digest, meter, finder = hashlib.sha256(), audio.Meter(), audio.PeakFinder(timeline.frames)

    def passing() -> Iterator[audio.Samples]:
        for block in audio.join(timeline.pieces, files.__getitem__):
            digest.update(audio.pcm_bytes(block))
            meter.add(block)
            finder.add(block)
            yield block

    audio.write_flac(flac, passing())
    _make_durable(flac)
    if audio.pcm_sha256(audio.read_flac(flac)) != digest.hexdigest():
        raise SealingError("the sealed file does not read back as it was written")
    peaks.write_text(json.dumps(finder.document(), separators=(",", ":")), "utf-8")
    flac_bytes, flac_sha256 = _hash(flac)
    return Written(digest.hexdigest(), flac_sha256, flac_bytes, meter.result())


def _name_of(part: KnownPart) -> PartName:
    name = PartName.parse(part.name)
    if name is None:
        raise SealingError(f"not the name of a part: {part.name!r}")
    return name


def _fingerprint(path: Path) -> tuple[int, int] | None:
    try:
        found = path.lstat()
    except FileNotFoundError:
        return None
    return found.st_size, found.st_mtime_ns


def _hash(path: Path) -> tuple[int, str]:
    """Length in bytes and SHA-256 of a file."""
    digest, length = hashlib.sha256(), 0
    with open(disk.open_file(path), "rb") as file:  # noqa: PTH123 - a handle
        while data := file.read(READ_BYTES):
            digest.update(data)
            length += len(data)
    return length, digest.hexdigest()


def _holds(path: Path, sha256: str) -> bool:
    try:
        return _hash(path)[1] == sha256
    except FileNotFoundError:
        return False


def _make_durable(path: Path) -> None:
    """Bring a file to the disk, and out of the cache, so that what is read back comes from the disk."""
    with path.open("rb") as file:
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def _make_durable_folder(folder: Path) -> None:
    if folder.is_dir():
        return
    _make_durable_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    _sync_folder(folder.parent)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
