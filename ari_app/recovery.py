"""After a restart: calls that go on are recorded and followed; those that ended are completed from the logs."""

import asyncio
import uuid
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic
from typing import Any, TypeVar

import structlog
from sqlalchemy.exc import SQLAlchemyError

from ari_app.ami import ChannelGone
from ari_app.ari import AriAway, AriLink
from ari_app.cdr import CdrLog
from ari_app.cel import CelLog, LoggedCall
from ari_app.events import Channel
from ari_app.recording import STARTER, Recorder
from ari_app.store_writer import CallFacts, OpenCall, StoreWriter
from ari_app.tracker import Tracker, offered_of
from supervision.calls.rules import Event, EventKind
from supervision.clock import now
from supervision.incidents.rules import Cause

log = structlog.get_logger("recovery")
T = TypeVar("T")

SWEEP_EVERY_S = 2.0
CEL_LATE_S = 3.0
CEL_LATEST_S = 60.0  # while Asterisk runs on, its log is only slow
SETTLED_S = 1.0
LOOK_EVERY_S = 0.5
AT_ONCE = 20
NAMED_AFTER_S = 30.0  # a log that is locked is read again at the next turn


@dataclass
class Recovery:
    """Compares what lives in Asterisk with what the store takes to be in progress, and mends the difference.

    `sweeps`: how many comparisons are over, whether or not they succeeded; none while Asterisk cannot be asked.
    Times waited are not the clock's, which may be put back or forward meanwhile.
    """

    ari: AriLink
    recorder: Recorder
    writer: StoreWriter
    tracker: Tracker
    cel: CelLog
    cdr: CdrLog
    spawn: Callable[[Coroutine[Any, Any, None]], None]
    guard: Callable[[Coroutine[Any, Any, None]], Awaitable[None]]
    _gone_since: dict[uuid.UUID, float] = field(default_factory=dict)
    _known: set[uuid.UUID] = field(default_factory=set)
    _refused: set[uuid.UUID] = field(default_factory=set)
    _failed: dict[uuid.UUID, float] = field(default_factory=dict)
    _named: set[uuid.UUID] = field(default_factory=set)
    _finishing: set[uuid.UUID] = field(default_factory=set)
    _fragments: set[uuid.UUID] = field(default_factory=set)
    _read: dict[uuid.UUID, tuple[int, bool]] = field(default_factory=dict)
    _wake: asyncio.Event = field(default_factory=asyncio.Event)
    sweeps: int = 0

    def wake(self) -> None:
        """Look now, not only at the next turn."""
        self._wake.set()

    async def run(self) -> None:
        """Compare every two seconds, and whenever woken, until cancelled."""
        while True:
            self._wake.clear()
            await self.guard(self._sweep_if_there())
            try:
                async with asyncio.timeout(SWEEP_EVERY_S):
                    await self._wake.wait()
            except TimeoutError:
                continue

    async def _sweep_if_there(self) -> None:
        try:
            await self.sweep()
        except AriAway:
            return
        except Exception:
            self.sweeps += 1
            raise
        self.sweeps += 1

    async def sweep(self) -> None:
        """One comparison. Raises AriAway."""
        channels = {
            channel.call_id: channel
            for channel in await self.ari.channels()
            if channel.is_line and channel.call_id is not None
        }
        logged = await asyncio.to_thread(self._logged)
        stored = {call.call_id: call for call in await self.writer.open_calls()}
        seen = {*logged, *channels}
        self._known &= seen
        self._refused &= seen
        unknown = await self.writer.unknown(seen - self._known - self._refused)
        self._known |= seen - unknown - self._refused
        for call_id, channel in channels.items():
            if await self._mend(call_id, self._adopt(call_id, channel, new=call_id in unknown)):
                await self._mended(call_id)
        ended = {call_id: OpenCall(call_id, logged[call_id]) for call_id in unknown if call_id in logged} | stored
        self._gone_since = {call_id: at for call_id, at in self._gone_since.items() if call_id in ended}
        await _some_at_once(
            self._mend(call_id, self._complete_when_certain(call, logged.get(call_id, call.uniqueid)))
            for call_id, call in ended.items()
            if call_id not in channels
        )
        await self._complete_fragments(logged)
        await self._see_mended({*stored, *unknown, *channels})
        for call_id in await self.writer.unfinished():
            self.finish(call_id)

    async def _mend(self, call_id: uuid.UUID, work: Coroutine[Any, Any, None]) -> bool:
        """Do what is to be done for one call, and say whether it is done. Raises AriAway.

        A call that fails is tried again at each turn, is named once that has gone on for a while, and holds up
        no other.
        """
        try:
            await work
        except AriAway:
            raise
        except Exception as error:
            if call_id not in self._failed:
                self._failed[call_id] = monotonic()
                log.exception("a call was not mended", call_id=str(call_id))
            elif call_id not in self._named and monotonic() - self._failed[call_id] >= NAMED_AFTER_S:
                await self._name(call_id, error)
            return False
        return True

    async def _name(self, call_id: uuid.UUID, error: Exception) -> None:
        what = f"{type(error).__name__}: {error}"[:200]
        try:
            await self.writer.incident(Cause.EVENT_REFUSED, _subject(call_id), call_id, {"error": what})
        except SQLAlchemyError:
            log.exception("the incident was refused as well", call_id=str(call_id))
        else:
            self._named.add(call_id)

    async def _see_mended(self, to_mend: set[uuid.UUID]) -> None:
        """What had failed and is not to be mended any more: mended, unless the store has not got it at all."""
        left = self._failed.keys() - to_mend - self._fragments
        unknown = await self.writer.unknown(left) if left else set()
        for call_id in left:
            if call_id in unknown:  # refused, which is an incident of its own, or gone from the logs
                del self._failed[call_id]
                self._named.discard(call_id)
            else:
                await self._mended(call_id)

    async def _mended(self, call_id: uuid.UUID) -> None:
        try:
            if call_id in self._named:
                await self.writer.heal(Cause.EVENT_REFUSED, _subject(call_id))
        except SQLAlchemyError:
            log.exception("the incident was not taken back", call_id=str(call_id))
        else:
            self._named.discard(call_id)
            self._failed.pop(call_id, None)

    async def _adopt(self, call_id: uuid.UUID, channel: Channel, *, new: bool) -> None:
        self._gone_since.pop(call_id, None)
        self.tracker.follow(call_id, channel)
        if new:
            await self.writer.note([CallFacts(offered_of(channel, call_id))])
        if not channel.monitored and not self.recorder.paths.parts_of(call_id) and channel.state == "Up":
            try:
                part = await self.recorder.order(channel, call_id)
            except ChannelGone:
                return
            await self.writer.incident(Cause.NOT_RECORDED, str(call_id), call_id, {"new_part": str(part or "")})
            if part is not None:
                await self.writer.note_part(call_id, str(part), now())
        elif channel.state == "Up":
            self.spawn(self.recorder.watch_bytes(channel, call_id))

    async def _complete_when_certain(self, call: OpenCall, linkedid: str) -> None:
        """A log may be a moment late; without its word of the end after that, Asterisk died in mid-call."""
        call_id = call.call_id
        since = self._gone_since.setdefault(call_id, monotonic())
        if monotonic() - since < SETTLED_S:
            return  # the tracker may be about to write its end
        logged = await asyncio.to_thread(self._find_logged, call_id, linkedid, late=False)
        if logged is None or not logged.over:
            if not await self._is_late(since, logged, call.offered_at):
                return
            logged = await asyncio.to_thread(self._find_logged, call_id, linkedid, late=True)
        self._gone_since.pop(call_id, None)
        if logged is not None:
            await self.complete(call_id, logged)
        else:
            log.warning("asterisk does not know this call", call_id=str(call_id))
            # First what is to be seen: once the call has an end, nobody comes back to it.
            await self.writer.incident(Cause.ASTERISK_STOPPED, str(call_id), call_id, {"no_switch_record": True})
            await self.writer.interrupt(call_id, max(self.recorder.last_writes(call_id), default=None))
            self.finish(call_id)

    async def _is_late(self, since: float, logged: LoggedCall | None, offered_at: datetime | None) -> bool:
        """Whether the logs had their time. An Asterisk that has run on since the call is only slow to write."""
        waited_s = monotonic() - since
        if waited_s < CEL_LATE_S:
            return False
        if waited_s >= CEL_LATEST_S or (logged is not None and logged.ended):
            return True
        begun_at = logged.offered.at if logged is not None else offered_at
        started_at = await self.ari.started_at()
        return begun_at is None or (started_at is not None and started_at > begun_at)

    async def _complete_fragments(self, logged: Mapping[uuid.UUID, str]) -> None:
        """Calls whose end is known from a fragment only: whatever the logs have got of them since is added."""
        calls = await self.writer.unsettled()
        self._read = {call_id: read for call_id, read in self._read.items() if call_id in calls}
        by_cdr = await asyncio.to_thread(self.cdr.calls)
        there = {call_id: (self.cel.last_row(logged.get(call_id, "")), call_id in by_cdr) for call_id in calls}
        grown = [call_id for call_id in calls if self._read.get(call_id, (0, False)) != there[call_id]]
        done = await _some_at_once(
            self._mend(call_id, self._complete_fragment(call_id, logged.get(call_id, ""))) for call_id in grown
        )
        self._read |= {call_id: there[call_id] for call_id, is_done in zip(grown, done, strict=True) if is_done}
        self._fragments = {call_id for call_id in calls if self._read.get(call_id, (0, False)) != there[call_id]}

    async def _complete_fragment(self, call_id: uuid.UUID, linkedid: str) -> None:
        logged = await asyncio.to_thread(self._find_logged, call_id, linkedid, late=True)
        if logged is not None and logged.ended:
            await self._note(call_id, logged)

    def _logged(self) -> dict[uuid.UUID, str]:
        ended = {call_id: row.uniqueid for call_id, row in self.cdr.calls().items()}
        return ended | self.cel.calls()

    def _find_logged(self, call_id: uuid.UUID, linkedid: str, *, late: bool) -> LoggedCall | None:
        """What the logs tell. Where CEL lost the call, or is late for its end, the CDR speaks, if it has it."""
        logged = self.cel.find_call(linkedid)
        if logged is None or (late and not logged.ended):
            return self.cdr.find_call(call_id) or logged
        return logged

    async def complete(self, call_id: uuid.UUID, logged: LoggedCall) -> None:
        """Write a call as Asterisk's own logs tell it, and see its recording finished.

        What the store refuses (a line that no file ever named) is an incident already, and not tried again.
        """
        await self._note(call_id, logged)
        if await self.writer.unknown([call_id]):
            self._refused.add(call_id)
            return
        log.info("completed from logs", call_id=str(call_id), witness=logged.witness, ended=logged.ended)
        self.finish(call_id)

    async def _note(self, call_id: uuid.UUID, logged: LoggedCall) -> None:
        events, incidents = logged.events, []
        if not logged.ended:
            last = self._last_sign(call_id, logged.last_at)
            events = (*events, Event(EventKind.INTERRUPTED, last))
            incidents.append((Cause.ASTERISK_STOPPED, {"lost_s_at_most": 1.02}))
        if self._dialplan_recorded(call_id):
            # Nothing is lost and nobody need act, but it is seen that the application was not there.
            incidents.append((Cause.ADMISSION_FAILED, {}))
        await self.writer.note([CallFacts(logged.offered, events, tuple(incidents))], logged.witness)

    def _dialplan_recorded(self, call_id: uuid.UUID) -> bool:
        """Whether the dialplan had to begin the recording. A call that nobody recorded may have been too short."""
        starters = {part.starter for part in self.recorder.parts(call_id)}
        return bool(starters) and STARTER not in starters

    def _last_sign(self, call_id: uuid.UUID, last_at: datetime) -> datetime:
        return max([last_at, *self.recorder.last_writes(call_id)])

    def ended(self, call_id: uuid.UUID, whole: bool) -> None:
        """A caller's channel is gone: what was watched whole is complete, the rest is asked of Asterisk's logs."""
        if whole:
            self.finish(call_id)
        else:
            self.spawn(self._complete_from_logs(call_id))

    async def _complete_from_logs(self, call_id: uuid.UUID) -> None:
        """As soon as a log tells all of it. If none does in time, the sweep goes on: the call has no end yet."""
        deadline = asyncio.get_running_loop().time() + CEL_LATE_S
        while asyncio.get_running_loop().time() < deadline:
            linkedid = (await asyncio.to_thread(self._logged)).get(call_id, "")
            logged = await asyncio.to_thread(self._find_logged, call_id, linkedid, late=False)
            if logged is not None and logged.over:
                await self.complete(call_id, logged)
                return
            await asyncio.sleep(LOOK_EVERY_S)

    def finish(self, call_id: uuid.UUID) -> None:
        """Finish a call's recording, once at a time."""
        if call_id not in self._finishing:
            self._finishing.add(call_id)
            self.spawn(self._finish(call_id))

    async def _finish(self, call_id: uuid.UUID) -> None:
        try:
            await self.recorder.finish(call_id)
        finally:
            self._finishing.discard(call_id)


def _subject(call_id: uuid.UUID) -> str:
    """Not the call alone, so that what the writer refuses of it stays when this is taken back."""
    return f"mending:{call_id}"


async def _some_at_once(work: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
    """Do all of it, so much at once, as each waits for its turn to write. Raises the first error, after all."""
    places = asyncio.Semaphore(AT_ONCE)

    async def one(some: Coroutine[Any, Any, T]) -> T:
        async with places:
            return await some

    outcomes = await asyncio.gather(*[one(some) for some in work], return_exceptions=True)
    for outcome in outcomes:
        if isinstance(outcome, BaseException):
            raise outcome
    return [outcome for outcome in outcomes if not isinstance(outcome, BaseException)]
