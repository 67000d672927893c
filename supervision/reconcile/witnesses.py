"""What each witness says of some calls, read from the database and the disk into the rules' plain records."""

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from supervision.calls.models import Call, SwitchRecordRow, SwitchRecordSource
from supervision.database import in_chunks
from supervision.exchange.models import Inbox, OutboxEntry, OutboxHead
from supervision.paths import PartName
from supervision.reconcile.office_rules import SaidByInbox, SaidByOutbox
from supervision.reconcile.rules import SaidByAsterisk, SaidByHeadquarters, SaidByOffice, SaidByRecord, Witnesses
from supervision.reconcile.site import Site, size_of
from supervision.reconcile.witness_rules import CopyState, Course, File, SaidOfPart, Unread
from supervision.recordings.models import OfficeCopy, Part, Recording, RecordingState

BEHIND = timedelta(seconds=30)
SENDS = timedelta(minutes=10)


@dataclass(frozen=True)
class OfficeStanding:
    """What is known of an office: see `Witnesses`. `switch_records_since`: it sends them from then on."""

    switch_records_since: datetime | None = None
    away_at: datetime | None = None
    back_at: datetime | None = None
    catching_up: bool = False
    sends: bool = False


def inboxes_of(session: Session) -> list[SaidByInbox]:
    """What every office's inbox says of itself."""
    return [
        SaidByInbox(
            office_code=inbox.office_code,
            epoch=inbox.epoch,
            n=inbox.n,
            taken=inbox.taken,
            heard_at=inbox.heard_at,
            gap_n=inbox.gap_n,
            clock_off_ms=inbox.clock_off_ms,
            heartbeats=inbox.stamps,
        )
        for inbox in session.scalars(select(Inbox))
    ]


def outboxes_of(session: Session) -> list[SaidByOutbox]:
    """What a node's own outbox says of itself, in one look; nothing at headquarters, which has none."""
    waiting = (
        select(func.count())
        .where(OutboxEntry.epoch == OutboxHead.epoch)
        .where(OutboxEntry.n > OutboxHead.received_n, OutboxEntry.n <= OutboxHead.last_n)
        .scalar_subquery()
    )
    query = select(
        OutboxHead.office_code,
        OutboxHead.epoch,
        OutboxHead.last_n,
        OutboxHead.received_n,
        waiting.label("waiting"),
    )
    return [SaidByOutbox(**row._mapping) for row in session.execute(query)]


def standings(session: Session, site: Site, at: datetime) -> Mapping[str, OfficeStanding]:
    """How each office's word stands at a moment. A node has its own facts at once: nothing is on its way to it."""
    earliest = select(SwitchRecordRow.office_code, func.min(SwitchRecordRow.offered_at)).group_by(
        SwitchRecordRow.office_code
    )
    since: dict[str, datetime] = dict(session.execute(earliest).all())
    if not site.at_headquarters:
        return {code: OfficeStanding(moment) for code, moment in since.items()}
    sending = _sending(session, at)
    latest: dict[str, Inbox] = {}
    for inbox in session.scalars(select(Inbox).order_by(Inbox.heard_at)):
        latest[inbox.office_code] = inbox
    return {
        code: OfficeStanding(
            since.get(code),
            inbox.away_at,
            inbox.back_at,
            inbox.fact_at is None or at - inbox.fact_at > BEHIND,
            code in sending,
        )
        for code, inbox in latest.items()
    }


def _sending(session: Session, at: datetime) -> set[str]:
    query = select(Call.office_code).join(Part, Part.call_id == Call.id).where(Part.received_at >= at - SENDS)
    return set(session.scalars(query.distinct()))


def witnesses_of(
    session: Session, site: Site, call_ids: Collection[uuid.UUID], known: Mapping[str, OfficeStanding]
) -> Iterator[Witnesses]:
    """What is said of these calls; calls that nobody knows of are left out."""
    for some in in_chunks(sorted(call_ids)):
        yield from _some(session, site, some, known)


def _some(
    session: Session, site: Site, ids: Sequence[uuid.UUID], known: Mapping[str, OfficeStanding]
) -> Iterator[Witnesses]:
    calls = {row.id: row for row in session.scalars(select(Call).where(Call.id.in_(ids)))}
    switch_records = _by_call(session, SwitchRecordRow, ids)
    recordings = _by_call(session, Recording, ids)
    copies = _by_call(session, OfficeCopy, ids) if site.at_headquarters else {}
    parts = defaultdict(list)
    for part in session.scalars(select(Part).where(Part.call_id.in_(ids)).order_by(Part.name)):
        parts[part.call_id].append(part)
    for call_id in ids:
        call, switch_record, recording = calls.get(call_id), switch_records.get(call_id), recordings.get(call_id)
        source = call if call is not None else switch_record
        if source is None:
            continue
        code = source.office_code
        standing = known.get(code, OfficeStanding())
        mine = None
        if call is not None and recording is not None:
            mine = _copy_here(site, call, recording, parts[call_id])
        yield Witnesses(
            call_id,
            code,
            _record(call),
            _switch_record(switch_record),
            _office_copy(copies.get(call_id)) if site.at_headquarters else _own_copy(mine),
            mine,
            switch_record_due=call is not None and _is_due(call, standing),
            away_at=standing.away_at,
            back_at=standing.back_at,
            catching_up=standing.catching_up,
            office_sends=standing.sends,
        )


def _by_call(session: Session, table: Any, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, Any]:
    return {row.call_id: row for row in session.scalars(select(table).where(table.call_id.in_(ids)))}


def _is_due(call: Call, standing: OfficeStanding) -> bool:
    return standing.switch_records_since is not None and call.offered_at >= standing.switch_records_since


def _record(call: Call | None) -> SaidByRecord | None:
    if call is None:
        return None
    return SaidByRecord(
        call.offered_at,
        call.answered_at,
        call.ended_at,
        call.interrupted,
        Course(call.disposition, call.answered_desk, call.hung_up_by, (call.rings, call.rings)),
        line_key=call.line_key,
        desk=call.answered_desk or "",
        end_known_at=call.end_known_at,
    )


def _switch_record(row: SwitchRecordRow | None) -> SaidByAsterisk | None:
    if row is None:
        return None
    return SaidByAsterisk(
        row.offered_at,
        row.line_answered_at,
        row.ended_at,
        row.mixmonitor_started,
        row.muted_ms,
        coarse=row.source is SwitchRecordSource.CDR,
        course=_course(row),
        caller_packets=row.caller_packets,
        desk_packets=row.desk_packets,
    )


def _course(row: SwitchRecordRow) -> Course | None:
    if row.disposition is None:
        return None
    rings = None
    if row.rings_least is not None and row.rings_most is not None:
        rings = (row.rings_least, row.rings_most)
    return Course(row.disposition, row.answered_desk, row.hung_up_by, rings)


def _office_copy(row: OfficeCopy | None) -> SaidByOffice | None:
    return None if row is None else SaidByOffice(CopyState(row.state.value), row.duration_ms, row.pcm_sha256)


def _own_copy(mine: SaidByHeadquarters | None) -> SaidByOffice | None:
    """On a node there is one copy, which agrees with itself."""
    return None if mine is None else SaidByOffice(mine.state, mine.duration_ms or 0, mine.pcm_sha256)


def _copy_here(site: Site, call: Call, recording: Recording, parts: Sequence[Part]) -> SaidByHeadquarters:
    files, unread = _files(site, call, recording, parts)
    silent = recording.caller_loudness_db is None and recording.officer_loudness_db is None
    return SaidByHeadquarters(
        state=CopyState(recording.state.value),
        closed_at=recording.closed_at,
        sealed_at=recording.sealed_at,
        duration_ms=recording.duration_ms,
        pcm_sha256=recording.pcm_sha256,
        interrupted=recording.interrupted,
        silent=recording.state is RecordingState.READY and silent,
        dead_air_ms=recording.dead_air_ms or 0,
        talk_ms=max(0, (recording.duration_ms or 0) - (recording.officer_on_ms or 0)),
        waited_ms=recording.waited_ms or 0,
        caller_still_ms=recording.caller_still_ms or 0,
        officer_still_ms=recording.officer_still_ms or 0,
        parts=tuple(SaidOfPart(part.name, part.length_bytes, received=_is_received(site, part)) for part in parts),
        files=tuple(files),
        unread=tuple(unread),
    )


def _is_received(site: Site, part: Part) -> bool:
    return part.received_at is not None or not site.at_headquarters


def _files(site: Site, call: Call, recording: Recording, parts: Sequence[Part]) -> tuple[list[File], list[Unread]]:
    """The files that must be there, as they are; and those of which the disk does not say."""
    files: list[File] = []
    unread: list[Unread] = []
    for file, path in _expected(site, call, recording, parts):
        try:
            found = size_of(path)
        except OSError as error:
            folder = str(path.parent.relative_to(site.paths.home))
            unread.append(Unread(file.name, folder, f"{type(error).__name__}: {error.strerror}"))
            continue
        if found is not None or file.wanted_bytes or PartName.parse(file.name) is None:
            files.append(replace(file, found_bytes=found))
    return files, unread


def _expected(site: Site, call: Call, recording: Recording, parts: Sequence[Part]) -> Iterator[tuple[File, Path]]:
    """The sealed file, and each part that is closed and was not put away."""
    if recording.state is RecordingState.READY:
        sealed = site.paths.sealed(call.id, call.offered_at)
        yield File(sealed.name, recording.flac_bytes, None), sealed
    for part in parts:
        name = PartName.parse(part.name)
        if name is None or part.put_away_at is not None or part.closed_at is None:
            continue
        if _is_received(site, part):
            yield File(part.name, part.length_bytes, None), site.parts.path(call.office_code, name)
