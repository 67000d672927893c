"""Writes facts of calls to the node's database: a transaction for a batch, in a thread, until it is written.

No fault of the store holds up a call: writers wait, calls do not.
"""

import asyncio
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar

import structlog
from sqlalchemy.exc import (
    IntegrityError,
    InterfaceError,
    InternalError,
    OperationalError,
    SQLAlchemyError,
    TimeoutError,
)
from sqlalchemy.orm import Session

from supervision.calls import service as calls
from supervision.calls.messages import SwitchRecord, send_switch_record, with_switch_record
from supervision.calls.models import Call
from supervision.calls.rules import Event, EventKind, LineRules, Witness
from supervision.calls.service import LineOfOffice, Offered
from supervision.clock import now
from supervision.database import Database
from supervision.incidents.rules import Cause, Ends
from supervision.incidents.service import heal_incident, open_incident, was_seen
from supervision.recordings import service as recordings
from supervision.recordings.service import ClosedPart, recount_wait

log = structlog.get_logger("writer")
T = TypeVar("T")
RETRY_S = (0.1, 0.3, 1.0, 2.0)
AWAY = (OperationalError, InterfaceError, InternalError, TimeoutError)  # the last: no connection is free
MET = 5
LATELY = timedelta(days=3)


@dataclass(frozen=True)
class CallFacts:
    """What is to be written of one call: how it was offered, what happened since, and incidents seen with it.

    All of it is one transaction: whatever dies, neither is ever known without the other.
    """

    offered: Offered
    events: tuple[Event, ...] = ()
    incidents: tuple[tuple[Cause, dict[str, Any]], ...] = ()


@dataclass(frozen=True)
class OpenCall:
    """A call that the store takes to be in progress; one that it does not know has no `offered_at`."""

    call_id: uuid.UUID
    uniqueid: str
    offered_at: datetime | None = None


@dataclass
class StoreWriter:
    """The store as the office side uses it."""

    database: Database
    office_code: str
    lines: Mapping[str, LineOfOffice]
    _writing: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def write(self, work: Callable[[Session], T], *, reading: bool = False) -> T:
        """Do the work in one transaction, again and again while the store is away.

        Two that write the same row for the first time meet in its unique constraint: the second does its work
        again and finds the row. Raises SQLAlchemyError where the store is there and refuses the work itself.

        SQLite has one writer at a time and serves those who wait in no order: with many calls at once some waited
        until they gave up, and kept every thread busy with waiting. So here who comes first writes first.
        """
        if reading:
            return await self._until_done(work, reading=True)
        async with self._writing:
            return await self._until_done(work, reading=False)

    async def _until_done(self, work: Callable[[Session], T], *, reading: bool) -> T:
        failures = met = 0
        while True:
            try:
                return await asyncio.to_thread(self._in_transaction, work, reading)
            except IntegrityError:
                met += 1
                if met == MET:
                    raise
            except AWAY as error:
                if failures == 0:
                    log.exception("the store does not write", error=str(error)[:200])
                await asyncio.sleep(RETRY_S[min(failures, len(RETRY_S) - 1)])
                failures += 1

    async def read(self, work: Callable[[Session], T]) -> T:
        """Look something up, again and again while the store is away; holds up no writer."""
        return await self.write(work, reading=True)

    def _in_transaction(self, work: Callable[[Session], T], reading: bool) -> T:
        with self.database.reading() if reading else self.database.transaction() as session:
            return work(session)

    async def note(self, facts: Sequence[CallFacts], witness: Witness = Witness.ARI) -> frozenset[uuid.UUID]:
        """Write what happened to calls; a call not known yet is begun. Of which calls something was refused.

        What the store refuses is an incident, and does not take the other facts with it.
        """
        try:
            await self.write(lambda session: self._note_all(session, facts, witness))
        except SQLAlchemyError as error:
            log.exception("facts refused", calls=[str(fact.offered.call_id) for fact in facts])
            if len(facts) > 1:
                return frozenset().union(*[await self.note([fact], witness) for fact in facts])
            subject = str(facts[0].offered.call_id)
            try:
                await self.incident(Cause.EVENT_REFUSED, subject, None, {"error": type(error).__name__})
            except SQLAlchemyError:
                log.exception("the incident was refused as well", subject=subject)
            return frozenset({facts[0].offered.call_id})
        return frozenset()

    def _note_all(self, session: Session, facts: Sequence[CallFacts], witness: Witness) -> None:
        for fact in facts:
            self._note(session, fact, witness)

    def _note(self, session: Session, fact: CallFacts, witness: Witness) -> None:
        line = self.lines.get(fact.offered.line_key)
        if line is None:
            self._open(
                session,
                Cause.EVENT_REFUSED,
                str(fact.offered.call_id),
                None,
                {"line": fact.offered.line_key[:32]},
            )
            return
        call, record = calls.note_call(session, fact.offered, line, witness, fact.events)
        recordings.begin_recording(session, call.id)
        recount_wait(session, call.id)
        for cause, detail in fact.incidents:
            self._open(session, cause, str(call.id), call.id, detail)
        if record.ended_at is not None:
            self._note_unreachable(session, call, unreachable=record.unreachable)
            if not record.interrupted:  # a log has the end after all
                self._heal(session, Cause.ASTERISK_STOPPED, str(call.id))

    def _note_unreachable(self, session: Session, call: Call, *, unreachable: bool) -> None:
        """Once a call is over: whether no desk's phone was there. A witness who saw more may take it back."""
        subject = str(call.id)
        if not unreachable:
            self._heal(session, Cause.NO_DESK_REACHABLE, subject)
        elif not was_seen(session, self.office_code, Cause.NO_DESK_REACHABLE, subject):
            self._open(session, Cause.NO_DESK_REACHABLE, subject, call.id, {"line": call.line_key})

    async def note_part(self, call_id: uuid.UUID, name: str, at: datetime) -> None:
        """Write that a part was begun, if its call is known."""

        def work(session: Session) -> None:
            if session.get(Call, call_id) is not None:
                recordings.begin_recording(session, call_id)
                recordings.note_part(session, call_id, name, at)

        await self.write(work)

    async def finish(self, call_id: uuid.UUID, closed: Sequence[ClosedPart]) -> None:
        """Hand the call's recording over to be sealed."""

        def work(session: Session) -> None:
            call = session.get(Call, call_id)
            if call is None or call.ended_at is None:
                return
            recordings.finish_recording(session, call_id, closed, call.ended_at, interrupted=call.interrupted)

        await self.write(work)

    async def interrupt(self, call_id: uuid.UUID, at: datetime | None) -> None:
        """No witness will tell how the call ended: it ended at its last sign of life, until one tells after all.

        `at` is when audio was written last, if any was.
        """

        def work(session: Session) -> None:
            call = session.get(Call, call_id, with_for_update=True)
            if call is None:
                return
            line = self.lines.get(call.line_key) or LineOfOffice(self.office_code, 0, LineRules())
            signs = [moment for moment in (at, calls.last_event_at(session, call.id)) if moment is not None]
            over = Event(EventKind.INTERRUPTED, max(signs, default=now()))
            calls.note_events(session, call, line, call.witness, [over])

        await self.write(work)

    async def open_calls(self) -> list[OpenCall]:
        """Calls in progress as far as the store knows."""
        return await self.read(
            lambda session: [
                OpenCall(call.id, call.uniqueid, call.offered_at)
                for call in calls.open_calls(session, self.office_code)
            ]
        )

    async def unsettled(self) -> set[uuid.UUID]:
        """Calls of late that have an end, which rests on less than Asterisk's own logs may still tell."""
        since = now() - LATELY
        return await self.read(lambda session: calls.unsettled_calls(session, self.office_code, since))

    async def unknown(self, call_ids: Iterable[uuid.UUID]) -> set[uuid.UUID]:
        """Those of the calls that the store does not have."""
        wanted = set(call_ids)
        return wanted - await self.read(lambda session: calls.known_calls(session, wanted))

    async def call_of(self, uniqueid: str) -> uuid.UUID | None:
        """The call whose caller's channel has that unique id, if the store has it."""
        return await self.read(lambda session: calls.call_of(session, uniqueid))

    async def unfinished(self) -> list[uuid.UUID]:
        """Calls that are over and whose recording was not handed over yet."""
        return await self.read(lambda session: recordings.unfinished(session, self.office_code))

    async def with_switch_record(self, call_ids: Iterable[uuid.UUID]) -> set[uuid.UUID]:
        """Those of the calls of which a switch record was sent."""
        wanted = set(call_ids)
        return await self.read(lambda session: with_switch_record(session, wanted))

    async def over(self, call_ids: Iterable[uuid.UUID]) -> set[uuid.UUID]:
        """Those of the calls that have ended, as the store knows."""
        wanted = set(call_ids)
        return await self.read(lambda session: calls.calls_over(session, wanted))

    async def send_switch_records(self, records: Sequence[SwitchRecord]) -> None:
        """Write down and send the switch records of calls."""

        def work(session: Session) -> None:
            for switch_record in records:
                send_switch_record(session, self.office_code, switch_record)

        await self.write(work)

    async def incident(
        self,
        cause: Cause,
        subject: str,
        call_id: uuid.UUID | None = None,
        detail: dict[str, Any] | None = None,
        *,
        times: int = 1,
    ) -> None:
        """Open an incident, seen so many times; one that is over as it is noted is sent once, and healed."""

        def work(session: Session) -> None:
            known = call_id if call_id is not None and session.get(Call, call_id) is not None else None
            self._open(session, cause, subject, known, detail or {}, times=times)

        await self.write(work)

    async def heal(self, cause: Cause, subject: str) -> None:
        """Note that an incident is over."""
        await self.write(lambda session: self._heal(session, cause, subject))

    def _open(  # noqa: PLR0913 - one incident is these facts
        self,
        session: Session,
        cause: Cause,
        subject: str,
        call_id: uuid.UUID | None,
        detail: dict[str, Any],
        *,
        times: int = 1,
    ) -> None:
        over = cause.ends is Ends.AT_ONCE
        if over and was_seen(session, self.office_code, cause, subject):
            return
        log.warning("incident", cause=cause.value, subject=subject, detail=detail, times=times)
        open_incident(
            session,
            office_code=self.office_code,
            cause=cause,
            subject=subject,
            at=now(),
            call_id=call_id,
            detail=detail,
            times=times,
        )
        if over:
            self._heal(session, cause, subject)

    def _heal(self, session: Session, cause: Cause, subject: str) -> None:
        heal_incident(session, office_code=self.office_code, cause=cause, subject=subject, at=now())
