"""Which calls are looked at in one run: every one that may still change, and every other that gives a reason to.

All files are looked at in every run, by their names and lengths; facts of calls that are long over, by turns, a
day's calls in each run, so that two years pass within half a day of runs.
"""

import contextlib
import os
import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Select, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from supervision.calls.messages import with_switch_record
from supervision.calls.models import Call, SwitchRecordRow
from supervision.calls.service import known_calls
from supervision.incidents.models import Incident
from supervision.offices.models import Office
from supervision.paths import PartName, call_of_sealed, sealed_name
from supervision.reconcile.rules import COMPARED, SaidByHeadquarters, Witnesses
from supervision.reconcile.site import Site, sizes_in
from supervision.reconcile.witness_rules import CopyState, File
from supervision.reconcile.witnesses import OfficeStanding
from supervision.recordings.models import Part, Recording, RecordingState

RECENT = timedelta(days=3)
SETTLED = timedelta(minutes=10)
_UNDER_WAY = (RecordingState.GROWING, RecordingState.FINAL, RecordingState.FAILED)
_DAY = timedelta(days=1)
MOST_OF_OFFICE = 5000  # of one kind, the latest: far more than an office has, and no more than a run can do
_LAST_DAY = datetime(9999, 12, 30, tzinfo=UTC)


def _ranked(
    id_: InstrumentedAttribute[uuid.UUID],
    office: InstrumentedAttribute[str],
    moment: InstrumentedAttribute[datetime],
) -> Select[tuple[uuid.UUID, int]]:
    rank = func.row_number().over(partition_by=office, order_by=moment.desc())
    return select(id_.label("id"), rank.label("rank"))


_CALLS = _ranked(Call.id, Call.office_code, Call.offered_at)
_SWITCH_RECORDS = _ranked(SwitchRecordRow.call_id, SwitchRecordRow.office_code, SwitchRecordRow.offered_at)


def calls_to_compare(session: Session, site: Site, at: datetime) -> set[uuid.UUID]:
    """The calls to look at in a run."""
    return {
        *_changing(session, at),
        *_of_the_day_in_turn(session, at),
        *_known_to_asterisk_only(session),
        *in_question(session),
        *_with_other_sealed_files(session, site),
        *_with_other_parts(session, site),
    }


def in_question(session: Session) -> set[uuid.UUID]:
    """The calls that open incidents of the reconciler are about."""
    mine = Incident.cause.in_(COMPARED), Incident.healed_at.is_(None), Incident.received.is_(False)
    rank = func.row_number().over(partition_by=Incident.office_code, order_by=Incident.last_seen_at)
    ranked = select(Incident.subject, Incident.call_id, rank.label("rank")).where(*mine).subquery()
    found = set()
    for incident in session.execute(select(ranked).where(ranked.c.rank <= MOST_OF_OFFICE)):
        call_id = incident.call_id or call_of(incident.subject)
        if call_id is not None:
            found.add(call_id)
    return found


def call_of(subject: str) -> uuid.UUID | None:
    """The call that an incident's subject names: itself, one of its parts, or its file."""
    part = PartName.parse(subject)
    if part is not None:
        return part.call_id
    try:
        return call_of_sealed(subject) or uuid.UUID(subject)
    except ValueError:
        return None


def _changing(session: Session, at: datetime) -> Iterator[uuid.UUID]:
    yield from _of_each_office(session, _CALLS.where(Call.offered_at >= at - RECENT))
    yield from _of_each_office(session, _CALLS.where(Call.ended_at.is_(None)))
    of_call = _CALLS.join(Recording, Recording.call_id == Call.id)
    yield from _of_each_office(session, of_call.where(Recording.state.in_(_UNDER_WAY)))


def _of_each_office(session: Session, ranked: Select[tuple[uuid.UUID, int]]) -> Iterator[uuid.UUID]:
    """Of each office the latest only: whoever has one's key can invent calls without end, in a run for all."""
    found = ranked.subquery()
    yield from session.scalars(select(found.c.id).where(found.c.rank <= MOST_OF_OFFICE))


def _of_the_day_in_turn(session: Session, at: datetime) -> Iterator[uuid.UUID]:
    """A day's calls of those that are long over: another day in each minute; of days without calls, the next."""
    oldest = session.scalar(select(func.min(Call.offered_at)))
    if oldest is None or oldest >= at - RECENT:
        return
    days = (at - RECENT - oldest) // _DAY + 1
    turn = oldest + _DAY * (int(at.timestamp() // 60) % days)
    day = session.scalar(select(func.min(Call.offered_at)).where(Call.offered_at >= turn))
    if day is not None:
        yield from _of_each_office(session, _CALLS.where(Call.offered_at >= day, Call.offered_at < day + _DAY))


def _known_to_asterisk_only(session: Session) -> Iterator[uuid.UUID]:
    unknown = ~select(Call.id).where(Call.id == SwitchRecordRow.call_id).exists()
    yield from _of_each_office(session, _SWITCH_RECORDS.where(unknown))


def _with_other_sealed_files(session: Session, site: Site) -> Iterator[uuid.UUID]:
    """Calls whose sealed file is not there, or has another length: a folder at a time, which holds a UTC day."""
    for day in days_with_calls(session):
        # By its days alone: a condition on the state would have SQLite go through all recordings each time.
        query = select(Call.id, Recording.state, Recording.flac_bytes).join(
            Recording, Recording.call_id == Call.id
        )
        rows = session.execute(query.where(Call.offered_at >= day, Call.offered_at < day + _DAY))
        found = dict(sizes_in(site.paths.sealed(uuid.UUID(int=0), day).parent))
        for call_id, state, length in rows:
            if state is RecordingState.READY and found.get(sealed_name(call_id)) != length:
                yield call_id


def days_with_calls(session: Session) -> Iterator[datetime]:
    """The UTC days that hold calls, by one look into the index each: years without any cost nothing."""
    first = session.scalar(select(func.min(Call.offered_at)))
    while first is not None:
        day = first.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        yield day
        if day > _LAST_DAY:
            return
        first = session.scalar(select(func.min(Call.offered_at)).where(Call.offered_at >= day + _DAY))


def _with_other_parts(session: Session, site: Site) -> Iterator[uuid.UUID]:
    """Calls of which a part that is here, and was not put away, is gone or has another length."""
    here = [Part.closed_at.is_not(None), Part.put_away_at.is_(None), Part.length_bytes > 0]
    if site.at_headquarters:
        here.append(Part.received_at.is_not(None))
    query = (
        select(Part.call_id, Part.name, Part.length_bytes, Call.office_code)
        .join(Call, Call.id == Part.call_id)
        .where(*here)
        .order_by(Call.office_code)
    )
    return _with_another_length(
        (row.call_id, site.parts.path(row.office_code, name), row.length_bytes)
        for row in session.execute(query)
        if (name := PartName.parse(row.name)) is not None
    )


def _with_another_length(files: Iterable[tuple[uuid.UUID, Path, int | None]]) -> Iterator[uuid.UUID]:
    """The calls whose file is not there or has another length; files of one folder must come together."""
    folder, found = None, {}
    for call_id, path, length in files:
        if path.parent != folder:
            folder, found = path.parent, dict(sizes_in(path.parent))
        if found.get(path.name) != length:
            yield call_id


def audio_without_record(
    session: Session, site: Site, at: datetime, known_offices: Mapping[str, OfficeStanding]
) -> Iterator[Witnesses]:
    """The calls of which there is audio only. The facts of what was written to lately may still come.

    So may all audio of an office that still sends facts of what is past, for a week: audio comes beside its facts.
    """
    own = session.scalars(select(Office.code).order_by(Office.code).limit(1)).one_or_none() or ""
    for code, folder in site.part_folders(own):
        found, standing = _settled_parts(folder, at), known_offices.get(code, OfficeStanding())
        known = known_calls(session, found) | with_switch_record(session, found)  # looked at with all others
        for call_id in found.keys() - known:
            files = tuple(File(name, None, size) for name, size, _ in sorted(found[call_id]))
            written_at = datetime.fromtimestamp(max(mtime for _, _, mtime in found[call_id]), UTC)
            copy = SaidByHeadquarters(CopyState.GROWING, None, files=files)
            yield Witnesses(
                call_id,
                code,
                None,
                None,
                None,
                copy,
                away_at=standing.away_at,
                back_at=standing.back_at,
                catching_up=standing.catching_up,
                audio_at=written_at,
            )


def _settled_parts(folder: Path, at: datetime) -> dict[uuid.UUID, list[tuple[str, int, float]]]:
    """The parts in a folder that hold anything and have not been written to lately, by their calls; and when."""
    found: dict[uuid.UUID, list[tuple[str, int, float]]] = defaultdict(list)
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            part = PartName.parse(entry.name)
            if part is None:
                continue
            with contextlib.suppress(OSError):
                seen = entry.stat()
                if seen.st_size and seen.st_mtime < (at - SETTLED).timestamp():
                    found[part.call_id].append((entry.name, seen.st_size, seen.st_mtime))
    return found
