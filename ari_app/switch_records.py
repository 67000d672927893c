"""Asterisk's switch record of each call, sent to headquarters whether or not we saw the call (decision 4)."""

import asyncio
import uuid
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

from ari_app.cdr import CdrLog
from ari_app.cel import CelLog, LoggedCall
from ari_app.muting import Mutes
from ari_app.store_writer import StoreWriter
from supervision.calls.merge_rules import fewest_rings
from supervision.calls.messages import SwitchRecord
from supervision.calls.models import SwitchRecordSource
from supervision.calls.rules import Event, EventKind, LineRules, Witness, build_record

LOOK_EVERY_S = 2.0
WITHOUT_END_AFTER_S = 10.0
SWEEPS_HELD = 4
HELD_FOR_S = 120.0


@dataclass
class SwitchRecordSender:
    """Reads Asterisk's logs on, and sends the switch record of each call that is over; again only if it says more.

    What they say of a call without a record, or whose record has no end yet, is held back until recovery has had
    its chance to write it: as many of its comparisons (`sweeps`) as that takes, however slow they are, or until
    there was none for two minutes. A node that is slow writes its records late, which is no disagreement.
    These minutes pass whatever the clock says: one that is put back would hold it for as long as that.
    """

    cel: CelLog
    cdr: CdrLog
    writer: StoreWriter
    guard: Callable[[Coroutine[Any, Any, None]], Awaitable[None]]
    mutes: Mutes
    sweeps: Callable[[], int]
    _held: dict[uuid.UUID, tuple[int, float]] = field(default_factory=dict)
    _swept: tuple[int, float] = (0, 0.0)
    _sent: set[uuid.UUID] = field(default_factory=set)
    _coarse: set[uuid.UUID] = field(default_factory=set)
    _asked: set[uuid.UUID] = field(default_factory=set)
    _read: dict[uuid.UUID, int] = field(default_factory=dict)
    _unended: dict[uuid.UUID, int] = field(default_factory=dict)
    _over_since: dict[uuid.UUID, float] = field(default_factory=dict)

    async def run(self) -> None:
        """Look every two seconds until cancelled."""
        while True:
            await self.guard(self.look())
            await asyncio.sleep(LOOK_EVERY_S)

    async def look(self) -> None:
        """Send the records of the calls that have ended since the last look."""
        by_cel = await asyncio.to_thread(self.cel.calls)
        by_cdr = await asyncio.to_thread(self.cdr.calls)
        logged = {call_id: row.uniqueid for call_id, row in by_cdr.items()} | by_cel
        self._sent &= logged.keys()
        self._coarse &= logged.keys()
        self._asked &= logged.keys()
        self._read = {call_id: row for call_id, row in self._read.items() if call_id in logged}
        self._unended = {call_id: row for call_id, row in self._unended.items() if call_id in logged}
        if new := logged.keys() - self._asked:
            self._sent |= await self.writer.with_switch_record(new)
            self._asked |= new
        due = {call_id: linkedid for call_id, linkedid in logged.items() if call_id not in self._sent}
        late = {call_id: by_cel[call_id] for call_id in self._coarse & by_cel.keys()}
        grown = {
            call_id: linkedid
            for call_id, linkedid in (due | late).items()
            if (call_id in by_cdr and call_id in due) or self.cel.last_row(linkedid) != self._read.get(call_id)
        }
        found = await asyncio.to_thread(self._switch_records, grown)
        found |= await self._without_end(due.keys() - found.keys(), due)
        found = await self._released(found)
        if found:
            await self.writer.send_switch_records(list(found.values()))
            self._note_sent(found)

    async def _released(self, found: dict[uuid.UUID, SwitchRecord]) -> dict[uuid.UUID, SwitchRecord]:
        """Those that may be sent now; the others are found again at the next look."""
        unwritten = found.keys() - await self.writer.over(found) if found else set()
        at, sweeps = monotonic(), self.sweeps()
        if sweeps != self._swept[0]:
            self._swept = sweeps, at
        self._held = {call_id: self._held.get(call_id, (sweeps, at)) for call_id in unwritten}
        held = {
            call_id
            for call_id, (since_sweep, since) in self._held.items()
            if sweeps - since_sweep < SWEEPS_HELD and at - max(since, self._swept[1]) < HELD_FOR_S
        }
        for call_id in held:
            self._read.pop(call_id, None)
            self._unended.pop(call_id, None)
        return {call_id: switch_record for call_id, switch_record in found.items() if call_id not in held}

    def _note_sent(self, found: Mapping[uuid.UUID, SwitchRecord]) -> None:
        """What came from a CDR is sent again, exactly, once CEL has it after all."""
        for call_id, switch_record in found.items():
            if switch_record.ended_at is not None:
                self._sent.add(call_id)
                self._coarse.discard(call_id)
                if switch_record.source is SwitchRecordSource.CDR:
                    self._coarse.add(call_id)

    def _switch_records(self, due: Mapping[uuid.UUID, str]) -> dict[uuid.UUID, SwitchRecord]:
        """Of the calls whose end a log has. Of one that goes on, the log is read again once it has more."""
        found = {}
        for call_id, linkedid in due.items():
            self._read[call_id] = self.cel.last_row(linkedid)
            logged = self.cel.find_call(linkedid)
            if logged is None:
                logged = self.cdr.find_call(call_id)
            if logged is not None and logged.over:
                found[call_id] = self._of_logged(logged, linkedid)
        return found

    def _of_logged(self, logged: LoggedCall, linkedid: str) -> SwitchRecord:
        muted_ms = self.mutes.muted_ms(logged.offered.uniqueid, logged.last_at)
        line = self.writer.lines.get(logged.offered.line_key)
        return switch_record_of(logged, linkedid, line.rules if line else LineRules(), muted_ms)

    async def _without_end(
        self, due: set[uuid.UUID], linkedids: Mapping[uuid.UUID, str]
    ) -> dict[uuid.UUID, SwitchRecord]:
        """Of calls that are over, and whose end Asterisk did not live to write."""
        at, over = monotonic(), await self.writer.over(due) if due else set()
        self._over_since = {call_id: self._over_since.get(call_id, at) for call_id in over}
        found = {}
        for call_id in (one for one, since in self._over_since.items() if at - since >= WITHOUT_END_AFTER_S):
            last = self.cel.last_row(linkedids[call_id])
            if self._unended.get(call_id) == last:
                continue  # sent already
            logged = await asyncio.to_thread(self.cel.find_call, linkedids[call_id])
            if logged is not None:
                found[call_id] = self._of_logged(logged, linkedids[call_id])
                self._unended[call_id] = last
        return found


def switch_record_of(logged: LoggedCall, linkedid: str, line: LineRules, muted_ms: int = 0) -> SwitchRecord:
    """The switch record of a logged call. `muted_ms` is no log's: it was heard while the call went on."""
    answered = [event.at for event in logged.events if event.kind is EventKind.LINE_ANSWERED]
    ended = [event.at for event in logged.events if event.kind is EventKind.ENDED]
    coarse = logged.witness is Witness.CDR
    record = build_record(logged.events, line)
    return SwitchRecord(
        call_id=logged.offered.call_id,
        linkedid=linkedid,
        offered_at=logged.offered.at,
        line_answered_at=min(answered, default=None),
        ended_at=max(ended, default=None),
        mixmonitor_started=_recorded(logged.events) or coarse,
        source=SwitchRecordSource.CDR if coarse else SwitchRecordSource.CEL,
        muted_ms=muted_ms,
        disposition=record.disposition,
        answered_desk=record.answered_desk,
        hung_up_by=record.hung_up_by,
        rings_least=None if coarse or not ended else fewest_rings(logged.events, line),
        rings_most=None if coarse or not ended else record.rings,
        caller_packets=logged.caller_packets,
        desk_packets=logged.desk_packets,
    )


def _recorded(events: tuple[Event, ...]) -> bool:
    return any(event.kind is EventKind.RECORDING_STARTED for event in events)
