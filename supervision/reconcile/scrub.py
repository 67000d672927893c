"""The scrub: once in `scrub_days` the content of each sealed recording and its raw parts is looked through.

Decision 4. What is due is a moment in the row; an item is claimed as one of sealing is, so that any number of
workers may scrub, and none does while the recording is sealed anew. On demand, a period or a call is made due
at once.
"""

import hashlib
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import soundfile
import structlog
from sqlalchemy import Select, or_, select, update
from sqlalchemy.orm import Session

from supervision.actor import Actor
from supervision.audit.rules import subject_of
from supervision.audit.service import record
from supervision.calls.models import Call
from supervision.clock import Clock, day_bounds, now, to_milliseconds
from supervision.database import Database
from supervision.errors import Refused
from supervision.incidents.rules import Cause
from supervision.incidents.service import heal_incident, open_incident
from supervision.incidents.set_aside import Item, resting_items, set_aside, take_up
from supervision.paths import PartName, call_of_sealed
from supervision.reconcile.site import Site
from supervision.recordings import audio
from supervision.recordings.models import Part, Recording, RecordingState
from supervision.retention.deleting import heal_removed
from supervision.settings import Settings
from supervision.watchdog import in_hand

log = structlog.get_logger(__name__)

TASK = "scrub"
AGAIN_AFTER = timedelta(hours=6)


@dataclass(frozen=True)
class ToVerify:
    """A file that is there, and what it must hold. `pcm_sha256`: it is a sealed one, and is decoded too."""

    name: str
    path: Path
    sha256: str
    pcm_sha256: str | None = None


@dataclass(frozen=True)
class Verified:
    """What was found in one file. `error`: it could not be read."""

    name: str
    folder: str
    gone: bool = False
    changed: bool = False
    audio_changed: bool = False
    unreadable: bool = False
    found_sha256: str = ""
    error: str = ""


@dataclass(frozen=True)
class Scrubbing:
    """One recording that is to be looked through, with its files."""

    call_id: uuid.UUID
    office_code: str
    files: tuple[ToVerify, ...]
    claimed_until: datetime


def scrub_next(database: Database, settings: Settings, clock: Clock = now) -> bool:
    """Look through the recording that has been due longest; False if none is due."""
    site = Site.of(settings)
    with database.reading() as looking:
        if looking.scalar(_due(looking, clock())) is None:
            return False
    with database.transaction() as session:
        claimed = claim(session, site, clock(), settings.seal_lease_s)
    if claimed is None:
        return False
    try:
        with in_hand(_item(claimed), settings.seal_lease_s):
            found = list(verify(claimed.files, site.paths.home))
        with database.transaction() as session:
            note(session, claimed, found, clock(), settings.scrub_every)
    except Exception as error:
        log.exception("scrubbing broke", call_id=str(claimed.call_id))
        with database.transaction() as session:
            _pass_over(session, claimed, error, clock())
        return True
    wrong = [one.name for one in found if one.changed or one.gone or one.error]
    log.info("scrubbed", call_id=str(claimed.call_id), files=len(found), wrong=wrong)
    return True


def _due(session: Session, at: datetime) -> Select[Any]:
    """Those that are due; not one that a worker set aside, or from which none came back."""
    rest = [uuid.UUID(name) for name in resting_items(session, TASK, at)]
    free = or_(Recording.claimed_until.is_(None), Recording.claimed_until <= at)
    query = select(Recording.call_id).where(
        Recording.state == RecordingState.READY, Recording.scrub_due_at <= at, free, Recording.call_id.not_in(rest)
    )
    return query.order_by(Recording.scrub_due_at).limit(1)


def claim(session: Session, site: Site, at: datetime, lease_s: float) -> Scrubbing | None:
    """Take the recording that has been due longest. No two workers get the same one."""
    call_id = session.scalar(_due(session, at).with_for_update(skip_locked=True))
    if call_id is None:
        return None
    recording, call = session.get_one(Recording, call_id), session.get_one(Call, call_id)
    recording.claimed_until = until = to_milliseconds(at + timedelta(seconds=lease_s))
    sealed = site.paths.sealed(call.id, call.offered_at)
    files = [ToVerify(sealed.name, sealed, recording.flac_sha256 or "", recording.pcm_sha256 or "")]
    for part in session.scalars(select(Part).where(Part.call_id == call_id).order_by(Part.name)):
        name = PartName.parse(part.name)
        here = part.received_at is not None or not site.at_headquarters
        if name is not None and part.put_away_at is None and part.length_bytes and part.sha256 and here:
            files.append(ToVerify(part.name, site.parts.path(call.office_code, name), part.sha256))
    return Scrubbing(call_id, call.office_code, tuple(files), until)


def note(
    session: Session, scrubbing: Scrubbing, found: Sequence[Verified], at: datetime, every: timedelta
) -> None:
    """Write down what was found, unless another has taken the recording over meanwhile, or it was deleted.

    A file that is gone is the reconciler's to name, and it does so each minute.
    """
    recording = session.get_one(Recording, scrubbing.call_id, with_for_update=True)
    if recording.claimed_until != scrubbing.claimed_until or recording.state is not RecordingState.READY:
        return
    recording.claimed_until = None
    wrong = [one for one in found if one.changed or one.error]
    sealed = next((one for one in found if call_of_sealed(one.name)), None)
    if sealed is not None and not (sealed.changed or sealed.error or sealed.gone):
        recording.verified_at = at
    again = AGAIN_AFTER if wrong else every
    recording.scrub_due_at = to_milliseconds(at + again)
    session.flush()
    take_up(session, _item(scrubbing), at)
    away = _put_away(session, scrubbing.call_id)
    heal_removed(session, scrubbing.office_code, sorted(away), at)
    for one in found:
        if one.name not in away:
            _open_or_heal(session, scrubbing, one, at)


def _pass_over(session: Session, scrubbing: Scrubbing, error: Exception, at: datetime) -> None:
    recording = session.get_one(Recording, scrubbing.call_id, with_for_update=True)
    recording.claimed_until, recording.scrub_due_at = None, to_milliseconds(at + AGAIN_AFTER)
    set_aside(session, _item(scrubbing), error, at)


def _item(scrubbing: Scrubbing) -> Item:
    return Item(scrubbing.office_code, TASK, str(scrubbing.call_id))


def _put_away(session: Session, call_id: uuid.UUID) -> set[str]:
    query = select(Part.name).where(Part.call_id == call_id, Part.put_away_at.is_not(None))
    return set(session.scalars(query))


def _open_or_heal(session: Session, scrubbing: Scrubbing, one: Verified, at: datetime) -> None:
    about: dict[str, Any] = {"office_code": scrubbing.office_code, "subject": one.name, "at": at}
    if one.error:
        detail = {"error": one.error, "where": one.folder}
        open_incident(session, **about, cause=Cause.DISK_FAULT, call_id=scrubbing.call_id, detail=detail)
        return
    heal_incident(session, **about, cause=Cause.DISK_FAULT)
    if one.changed:
        detail = _detail(scrubbing, one)
        open_incident(session, **about, cause=Cause.CONTENT_CHANGED, call_id=scrubbing.call_id, detail=detail)
    elif not one.gone:
        heal_incident(session, **about, cause=Cause.CONTENT_CHANGED)


def _detail(scrubbing: Scrubbing, one: Verified) -> dict[str, Any]:
    return {
        "where": one.folder,
        "audio_changed": one.audio_changed,
        "unreadable": one.unreadable,
        "sealed_sha256": next(file.sha256 for file in scrubbing.files if file.name == one.name),
        "found_sha256": one.found_sha256,
    }


def make_due(
    session: Session, at: datetime, *, call_id: uuid.UUID | None = None, days: tuple[date, date] | None = None
) -> int:
    """Have a call's recording, or those of a period of the bureau's days, looked through at once; how many."""
    wanted = select(Call.id)
    if call_id is not None:
        wanted = wanted.where(Call.id == call_id)
    if days is not None:
        start, end = day_bounds(days[0])[0], day_bounds(days[1])[1]
        wanted = wanted.where(Call.offered_at >= start, Call.offered_at < end)
    made = session.execute(
        update(Recording)
        .where(Recording.call_id.in_(wanted), Recording.state == RecordingState.READY)
        .values(scrub_due_at=at)
        .execution_options(synchronize_session=False)
    )
    return int(getattr(made, "rowcount", 0))


def ask(session: Session, actor: Actor, call_id: uuid.UUID | None, at: datetime) -> None:
    """Have a call's recording looked through at once. Raises Refused where there is none that is sealed."""
    if call_id is None or make_due(session, at, call_id=call_id) == 0:
        raise Refused("nothing_to_verify")
    office_code = session.get_one(Call, call_id).office_code
    record(session, actor, "verification_asked", subject_of("call", call_id), {}, office_code, at)


def verify(files: tuple[ToVerify, ...], home: Path) -> Iterator[Verified]:
    """Look through each of the files."""
    for file in files:
        folder = str(file.path.parent.relative_to(home))
        try:
            yield _verify(file, folder)
        except FileNotFoundError:
            yield Verified(file.name, folder, gone=True)
        except OSError as error:
            yield Verified(file.name, folder, error=f"{type(error).__name__}: {error.strerror}")


def _verify(file: ToVerify, folder: str) -> Verified:
    with file.path.open("rb") as opened:
        found = hashlib.file_digest(opened, "sha256").hexdigest()
    changed = found != file.sha256
    unreadable = audio_changed = False
    if file.pcm_sha256 is None:
        audio_changed = changed
    else:
        try:
            audio_changed = audio.pcm_sha256(audio.read_flac(file.path)) != file.pcm_sha256
        except soundfile.LibsndfileError:
            unreadable = True
    wrong = changed or audio_changed or unreadable
    return Verified(
        file.name,
        folder,
        changed=wrong,
        audio_changed=audio_changed,
        unreadable=unreadable,
        found_sha256=found,
    )
