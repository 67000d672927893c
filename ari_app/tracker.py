"""From ARI's events to call records: what is seen is written, in order; what ends is handed on."""

import asyncio
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog

from ari_app.book import Book, CallFacts
from ari_app.events import AriEvent, Channel, call_event
from supervision.calls.rules import EventKind
from supervision.calls.service import Offered

log = structlog.get_logger("tracker")

BATCH = 200


@dataclass
class Tracker:
    """Follows all calls through the events of channels inside and outside Stasis.

    `on_answered` is told when a line is answered, `on_ended` when a caller's channel is gone and what was seen
    of it is written; its last argument says whether the call was watched whole, on one connection.
    """

    book: Book
    on_answered: Callable[[Channel, uuid.UUID], None]
    on_ended: Callable[[uuid.UUID, bool], None]
    _events: "asyncio.Queue[AriEvent]" = field(default_factory=asyncio.Queue)
    _lines: dict[uuid.UUID, Channel] = field(default_factory=dict)
    _whole: set[uuid.UUID] = field(default_factory=set)

    def see(self, event: AriEvent) -> None:
        """Take in one event; never waits."""
        self._events.put_nowait(event)

    def admitted(self, call_id: uuid.UUID, channel: Channel) -> None:
        """Note that the call was seen from its first moment."""
        self._whole.add(call_id)
        self._lines[call_id] = channel

    def follow(self, call_id: uuid.UUID, channel: Channel) -> None:
        """Note a call in progress whose beginning was not seen on this connection."""
        self._lines.setdefault(call_id, channel)

    def connection_lost(self) -> None:
        """From here on nothing that goes on now is known whole."""
        self._whole.clear()
        self._lines.clear()  # whose call goes on is followed again after the reconnect

    async def run(self) -> None:
        """Write what is seen until cancelled."""
        while True:
            batch = [await self._events.get()]
            while not self._events.empty() and len(batch) < BATCH:
                batch.append(self._events.get_nowait())
            await self._write(batch)

    async def _write(self, batch: list[AriEvent]) -> None:
        facts: dict[uuid.UUID, CallFacts] = {}
        ended: list[uuid.UUID] = []
        for event in batch:
            moment, channel = call_event(event), event.channel
            if moment is None or channel is None or channel.call_id is None:
                continue
            call_id = channel.call_id
            line = self._lines.setdefault(call_id, channel) if channel.is_line else self._lines.get(call_id)
            if line is None:
                continue
            known = facts.get(call_id, CallFacts(offered_of(line, call_id)))
            facts[call_id] = CallFacts(known.offered, (*known.events, moment))
            if moment.kind is EventKind.LINE_ANSWERED:
                self.on_answered(channel, call_id)
            if moment.kind is EventKind.ENDED:
                ended.append(call_id)
        if facts:
            await self.book.note(list(facts.values()))
        for call_id in ended:
            self._lines.pop(call_id, None)
            whole = call_id in self._whole
            self._whole.discard(call_id)
            self.on_ended(call_id, whole)


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
