"""The reconciler's run: what the witnesses disagree in becomes incidents, what is over heals (decision 4)."""

import contextlib
import uuid
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from supervision.actor import Actor
from supervision.audit.service import record
from supervision.calls.models import Call
from supervision.clock import to_milliseconds
from supervision.database import in_chunks
from supervision.incidents.models import Incident
from supervision.incidents.rules import Cause, Ends
from supervision.incidents.service import heal_incident, is_settled, open_incident
from supervision.incidents.set_aside import Item, items_set_aside, set_aside, take_up
from supervision.paths import PartName
from supervision.reconcile.models import Reconciler
from supervision.reconcile.office_rules import compare_inboxes, compare_outboxes
from supervision.reconcile.queries import audio_without_record, call_of, calls_to_compare
from supervision.reconcile.rules import COMPARED, Disagreement, Witnesses, compare
from supervision.reconcile.site import Site
from supervision.reconcile.witnesses import inboxes_of, outboxes_of, standings, witnesses_of
from supervision.watchdog import TooLong

log = structlog.get_logger(__name__)

SEEN_AGAIN_EVERY = timedelta(minutes=10)
MOST_NEW, FEWEST_NEW = 1000, 10  # in one run: of all offices together, and of each at least
EVERY = timedelta(minutes=1)
LEASE = timedelta(minutes=3)  # for a worker that was killed; one that fails gives the run back at once
TASK = "compare"
FILES = "files:"  # a folder whose files cannot be looked at
OF_OFFICES = frozenset({Cause.SEQUENCE_SKIPPED, Cause.OFFICE_SILENT, Cause.CLOCK_OFF})
OF_FILES = frozenset({Cause.FILE_MISSING, Cause.FILE_SIZE_DIFFERS})
OF_AUDIO = frozenset({Cause.NEVER_RECORDED, Cause.RECORDING_MUTED, Cause.DURATION_DIFFERS})
BY_SEALING = frozenset(cause for cause in Cause if cause.ends is Ends.WHEN_SEALED)


UnreadFiles = Mapping[tuple[str, str], tuple[str, int]]


@dataclass(frozen=True)
class Looked:
    """What a look found. `calls` were looked at; of them, and of the offices' inboxes, this is all that is wrong.

    `unread`: by office and folder, of which files the disk does not say anything, and why. `broken`: the calls
    whose comparing broke, with the error.
    """

    calls: frozenset[uuid.UUID]
    found: tuple[Disagreement, ...]
    unread: UnreadFiles
    broken: tuple[tuple[Item, Exception], ...] = ()


@dataclass(frozen=True)
class Outcome:
    """What a run came to: how many calls were looked at, how many disagreements lasted, began and were over.

    `unread`: how many files could not be looked at.
    """

    calls: int
    disagreements: int
    opened: int
    healed: int
    unread: int = 0


def look(session: Session, site: Site, at: datetime, calls: Collection[uuid.UUID] | None = None) -> Looked:
    """Compare the witnesses of all calls that give a reason to, or of these; nothing is written."""
    wanted = calls_to_compare(session, site, at) if calls is None else set(calls)
    broken: list[tuple[Item, Exception]] = []
    offices = standings(session, site, at)
    found, unread = _compared(witnesses_of(session, site, wanted, offices), at, broken)
    found += compare(audio_without_record(session, site, at, offices), at)
    if site.at_headquarters:
        found += compare_inboxes(inboxes_of(session), at)
    found += compare_outboxes(outboxes_of(session))
    passed = {item.name for item, _ in broken}
    looked = frozenset(call_id for call_id in wanted if str(call_id) not in passed)
    return Looked(looked, tuple(found), unread, tuple(broken))


def _compared(
    said: Iterable[Witnesses], at: datetime, broken: list[tuple[Item, Exception]]
) -> tuple[list[Disagreement], UnreadFiles]:
    """Call by call, so that a disk that is away, which puts every call in doubt, does not fill the memory.

    One whose comparing breaks is passed, and named.
    """
    found: list[Disagreement] = []
    unread: dict[tuple[str, str], tuple[str, int]] = {}
    for one in said:
        try:
            found += compare([one], at)
        except TooLong:
            raise
        except Exception as error:
            log.exception("comparing broke", call_id=str(one.call_id))
            broken.append((Item(one.office_code, TASK, str(one.call_id)), error))
            continue
        for file in one.headquarters.unread if one.headquarters is not None else ():
            _, number = unread.get((one.office_code, file.folder), ("", 0))
            unread[one.office_code, file.folder] = file.why, number + 1
    return found, unread


def in_doubt(session: Session, looked: Looked) -> set[uuid.UUID]:
    """The calls of which a file is said to be otherwise for the first time."""
    of_files = [one for one in looked.found if one.cause in OF_FILES]
    known = _known(session, of_files)
    calls = {call_of(one.subject) for one in of_files if one.key not in known}
    return {call_id for call_id in calls if call_id is not None}


def asked_again(session: Session, site: Site, looked: Looked, calls: Set[uuid.UUID], at: datetime) -> Looked:
    """What was found, without faults of these calls' files that are none any more.

    A file may have been put away, deleted or sealed anew between the question what must be there and the look.
    """
    said = witnesses_of(session, site, calls, standings(session, site, at))
    still = {one.key for one in compare(said, at)}
    found = [
        one
        for one in looked.found
        if one.cause not in OF_FILES or call_of(one.subject) not in calls or one.key in still
    ]
    return replace(looked, found=tuple(found))


def write_down(session: Session, looked: Looked, at: datetime) -> Outcome:
    """Open what is new, note what lasts, heal what is over.

    An incident that a person has settled is not opened again. About a thousand are opened in one run, and
    ten of each office at least, so that a disk that is away does not bring the database down; the next goes on.
    Offices share them evenly: what one invents without end hides nothing of another.
    """
    known = _known(session, looked.found)
    noted = _noted_by_sealing(session, looked.found)
    noted_calls = {call_of(subject) for subject in noted}
    opened, offices = Counter[str](), {one.office_code for one in looked.found}
    most = max(FEWEST_NEW, MOST_NEW // max(1, len(offices)))
    for one in looked.found:
        if _says_the_same(one, noted, noted_calls):
            continue
        before = known.get(one.key)
        if before is None and opened[one.office_code] < most:
            _open(session, one, at)
            opened[one.office_code] += 1
        elif before is not None and _lasts(before, at):
            _open(session, one, at)
    _note_unread(session, looked, at)
    _note_broken(session, looked, at)
    unread = sum(number for _, number in looked.unread.values())
    return Outcome(len(looked.calls), len(looked.found), opened.total(), _heal(session, looked, at), unread)


def _note_broken(session: Session, looked: Looked, at: datetime) -> None:
    """What could not be compared is an incident, until it was; that others were compared says nothing of it."""
    for item, error in looked.broken:
        set_aside(session, item, error, at)
    compared = {str(call_id) for call_id in looked.calls}
    for item in items_set_aside(session, TASK):
        if item.name in compared:
            take_up(session, item, at)


def _note_unread(session: Session, looked: Looked, at: datetime) -> None:
    """What could not be looked at is an incident of its own, a folder at a time, until it can be."""
    query = select(Incident).where(
        Incident.cause == Cause.DISK_FAULT,
        Incident.subject.startswith(FILES),
        Incident.healed_at.is_(None),
        Incident.received.is_(False),
    )
    before = {(row.office_code, row.subject): row for row in session.scalars(query)}
    now_unread = {(code, f"{FILES}{folder}"[:80]): unread for (code, folder), unread in looked.unread.items()}
    for (code, subject), (why, number) in now_unread.items():
        known = before.get((code, subject))
        if known is None or _lasts(known, at):
            about: dict[str, Any] = {"office_code": code, "cause": Cause.DISK_FAULT, "subject": subject, "at": at}
            open_incident(session, **about, detail={"error": why, "files": number})
    for code, subject in before.keys() - now_unread.keys():
        heal_incident(session, office_code=code, cause=Cause.DISK_FAULT, subject=subject, at=at)


def _lasts(incident: Incident, at: datetime) -> bool:
    return incident.healed_at is None and at - incident.last_seen_at >= SEEN_AGAIN_EVERY


def _open(session: Session, one: Disagreement, at: datetime) -> None:
    call_id = one.call_id if one.call_id is not None and session.get(Call, one.call_id) is not None else None
    open_incident(
        session,
        office_code=one.office_code,
        cause=one.cause,
        subject=one.subject,
        at=at,
        call_id=call_id,
        detail=dict(one.numbers),
    )


def _known(session: Session, found: Sequence[Disagreement]) -> dict[tuple[str, str, str], Incident]:
    """The incidents that there are of these: open ones, and those that a person has settled."""
    known: dict[tuple[str, str, str], Incident] = {}
    for some in in_chunks(sorted({one.subject for one in found})):
        query = select(Incident).where(
            Incident.subject.in_(some), Incident.cause.in_(COMPARED), Incident.received.is_(False)
        )
        for row in session.scalars(query.order_by(Incident.first_seen_at)):
            if row.healed_at is None or is_settled(row):
                known[row.office_code, row.cause.value, row.subject] = row
    return known


def _noted_by_sealing(session: Session, found: Sequence[Disagreement]) -> set[str]:
    """The calls and parts of which sealing has opened an incident that is not over by itself."""
    noted: set[str] = set()
    for some in in_chunks(sorted({one.call_id for one in found if one.call_id is not None})):
        query = select(Incident.subject).where(
            Incident.call_id.in_(some),
            Incident.cause.in_(BY_SEALING),
            Incident.received.is_(False),
            Incident.healed_at.is_(None) | Incident.seen_at.is_not(None),
        )
        noted.update(session.scalars(query))
    return noted


def _says_the_same(one: Disagreement, noted: set[str], noted_calls: set[uuid.UUID | None]) -> bool:
    """Whether sealing has said already that audio of this call, or this part of it, is not what it must be.

    `noted` are the subjects of its incidents, `noted_calls` the calls that these name.
    """
    if PartName.parse(one.subject) is not None:
        return one.subject in noted
    return one.cause in OF_AUDIO and one.call_id in noted_calls


def _heal(session: Session, looked: Looked, at: datetime) -> int:
    """Those that can heal, whose call was looked at, and that were not found again."""
    lasting = {one.key for one in looked.found}
    query = select(Incident).where(
        Incident.cause.in_([cause for cause in COMPARED if cause.ends in {Ends.WHEN_OVER, Ends.WHEN_AGREED}]),
        Incident.healed_at.is_(None),
        Incident.received.is_(False),
    )
    over = [
        row
        for row in session.scalars(query)
        if (row.office_code, row.cause.value, row.subject) not in lasting and _was_looked_at(row, looked)
    ]
    for row in over:
        heal_incident(session, office_code=row.office_code, cause=row.cause, subject=row.subject, at=at)
    return len(over)


def _was_looked_at(incident: Incident, looked: Looked) -> bool:
    if incident.cause in OF_OFFICES:
        return (
            incident.seen_at is not None or "put_back" not in incident.detail
        )  # facts may be lost: somebody looks
    if incident.cause.value in OF_FILES and incident.office_code in {code for code, _ in looked.unread}:
        return False
    return (incident.call_id or call_of(incident.subject)) in looked.calls


def last_run(session: Session) -> Reconciler | None:
    """How the reconciler stands; None if it never ran."""
    return session.get(Reconciler, 1)


def is_due(row: Reconciler | None, at: datetime) -> bool:
    """Whether a run is due, and nobody has it."""
    if row is None or row.started_at is None:
        return True
    if row.claimed_until is not None and row.claimed_until > at:
        return False
    return is_asked(row) or not timedelta(0) <= at - row.started_at < EVERY


def is_asked(row: Reconciler) -> bool:
    """Whether somebody asked for a run that has not begun."""
    return row.asked_at is not None and (row.started_at is None or row.asked_at > row.started_at)


def claim_run(session: Session, at: datetime) -> bool:
    """Claim the run that is due; False if it is not, or another worker has it."""
    row = _row(session)
    if not is_due(row, at):
        return False
    row.started_at, row.claimed_until = at, to_milliseconds(at + LEASE)
    session.flush()
    return True


def ask_for_run(session: Session, actor: Actor, at: datetime) -> None:
    """Have a worker compare everything at once, because a person wants to know."""
    row = _row(session)
    row.asked_at, row.asked_by = at, actor.account_id
    session.flush()
    record(session, actor, "comparison_asked", "reconciler", {}, None, at)


def finish_run(session: Session, outcome: Outcome, at: datetime) -> None:
    """Write down what the run came to."""
    row = _row(session)
    row.claimed_until, row.finished_at = None, at
    for name, value in vars(outcome).items():
        setattr(row, name, value)
    session.flush()


def release_run(session: Session) -> None:
    """Give back a run that came to nothing, for the next one that is due."""
    _row(session).claimed_until = None


def _row(session: Session) -> Reconciler:
    if session.get(Reconciler, 1, with_for_update=True) is None:
        with contextlib.suppress(IntegrityError), session.begin_nested():  # another worker may have begun it
            session.add(Reconciler(id=1))
    return session.get_one(Reconciler, 1, with_for_update=True)
