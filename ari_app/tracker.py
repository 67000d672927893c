"""From ARI's events to call records: events are written in order, and the end of a call is reported."""

import asyncio
import itertools
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from ari_app.events import AriEvent, Channel, call_event
from ari_app.store_writer import CallFacts, StoreWriter
from supervision.calls.rules import Event, EventKind
from supervision.calls.service import Offered

BATCH = 200
OVER_KEPT = 1_000


@dataclass
class Tracker:
    """Follows all calls through the events of channels inside and outside Stasis.

    `on_answered` is called when a line is answered, `on_ended` when a caller's channel is gone and what was seen
    of it is written; its last argument says whether the call was watched whole, on one connection. Only then is
    that said in the call's events, and only then do they tell how it ended (`merge_rules`).
    """

    writer: StoreWriter
    on_answered: Callable[[Channel, uuid.UUID], None]
    on_ended: Callable[[uuid.UUID, bool], None]
    _events: "asyncio.Queue[tuple[int, AriEvent]]" = field(default_factory=asyncio.Queue)
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    _lines: dict[uuid.UUID, Channel] = field(default_factory=dict)
    _over: dict[uuid.UUID, Channel] = field(default_factory=dict)
    _whole: set[uuid.UUID] = field(default_factory=set)

    def see(self, event: AriEvent) -> None:
        """Handle one event; never waits. The order in which they come is Asterisk's own."""
        self._events.put_nowait((next(self._numbers), event))

    def admitted(self, call_id: uuid.UUID, channel: Channel) -> None:
        """Note that the call was seen from its first moment."""
        self._whole.add(call_id)
        self._lines[call_id] = channel

    def follow(self, call_id: uuid.UUID, channel: Channel) -> None:
        """Note a call in progress whose beginning was not seen on this connection."""
        if call_id not in self._over:  # its end may have been read while channels were listed
            self._lines.setdefault(call_id, channel)

    def connection_lost(self) -> None:
        """From here on nothing that goes on now is known whole."""
        self._whole.clear()
        self._lines.clear()  # whose call goes on is followed again after the reconnect
        self._over.clear()

    def misread(self) -> None:
        """An event was not understood: whose it was is not known, so nothing that goes on now is known whole."""
        self._whole.clear()

    async def run(self) -> None:
        """Write what is seen until cancelled."""
        while True:
            await self.write_next()

    async def write_next(self) -> None:
        """Wait for an event, and write it with all that have come by then, in one transaction."""
        batch = [await self._events.get()]
        while not self._events.empty() and len(batch) < BATCH:
            batch.append(self._events.get_nowait())
        await self._write(batch)

    async def _write(self, batch: list[tuple[int, AriEvent]]) -> None:
        facts: dict[uuid.UUID, CallFacts] = {}
        ended: dict[uuid.UUID, bool] = {}
        for number, event in batch:
            moment, channel = call_event(event), event.channel
            if moment is None or channel is None or channel.call_id is None:
                continue
            call_id = channel.call_id
            line = self._line(call_id, channel)
            if line is None:
                continue
            happened = [replace(moment, sequence=number)]
            if moment.kind is EventKind.LINE_ANSWERED:
                self.on_answered(channel, call_id)
            if moment.kind is EventKind.ENDED:
                ended[call_id] = call_id in self._whole
                happened += [_watched_whole(happened[0])] if ended[call_id] else []
            known = facts.get(call_id, CallFacts(offered_of(line, call_id)))
            facts[call_id] = CallFacts(known.offered, (*known.events, *happened))
        if facts:
            refused = await self.writer.note(list(facts.values()))
            self._whole -= refused
            ended |= dict.fromkeys(refused & ended.keys(), False)
        for call_id, whole in ended.items():
            self._forget(call_id)
            self.on_ended(call_id, whole)

    def _line(self, call_id: uuid.UUID, channel: Channel) -> Channel | None:
        """The caller's channel of a call; for a while also of one that is over, whose desk's channel goes last."""
        if call_id in self._over:
            return self._over[call_id]
        return self._lines.setdefault(call_id, channel) if channel.is_line else self._lines.get(call_id)

    def _forget(self, call_id: uuid.UUID) -> None:
        line = self._lines.pop(call_id, None)
        self._whole.discard(call_id)
        if line is not None:
            self._over[call_id] = line
        while len(self._over) > OVER_KEPT:
            self._over.pop(next(iter(self._over)))


def _watched_whole(ended: Event) -> Event:
    return replace(ended, kind=EventKind.WATCHED_WHOLE)


def offered_of(channel: Channel, call_id: uuid.UUID) -> Offered:
    """How a call was offered, as its caller's channel tells."""
    return Offered(
        call_id,
        channel.line,
        channel.id,
        channel.created_at,
        channel.caller_number,
        channel.caller_name,
    )
