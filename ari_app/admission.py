"""One call comes in: written down, recorded, sent on. Whatever fails here, the call goes on (decision 0)."""

import asyncio
import contextlib
import uuid
from dataclasses import dataclass

import structlog

from ari_app.ami import ChannelGone
from ari_app.ari import AriLink
from ari_app.events import AriEvent, Channel, parse_call_id
from ari_app.recording import Recorder, seconds_since
from ari_app.store_writer import CallFacts, StoreWriter
from ari_app.tracker import Tracker, offered_of
from supervision.clock import now
from supervision.incidents.rules import Cause

log = structlog.get_logger("admission")

TOO_LATE_S = 1.6


@dataclass
class Admission:
    """Admits calls. The dialplan waits two seconds for us and no longer."""

    ari: AriLink
    recorder: Recorder
    writer: StoreWriter
    tracker: Tracker

    async def admit(self, event: AriEvent, *, watched: bool = True) -> None:
        """Adopt the call's name, write its record, start its recording, send it on.

        `watched`: the events of all channels came already when it came in, so that none of its own was missed.
        """
        channel = event.channel
        call_id = parse_call_id(event.arguments[0]) if event.arguments else None
        if channel is None or call_id is None:
            log.warning("a channel without a call's name in admission", arguments=event.arguments)
            return
        if seconds_since(event.at) > TOO_LATE_S:
            # We slept (or were stopped) meanwhile; the dialplan has carried the call on and records it.
            await self._write(channel, call_id)
            return
        if watched:
            self.tracker.admitted(call_id, channel)
        else:
            self.tracker.follow(call_id, channel)
        writing = asyncio.create_task(self._write(channel, call_id))
        part, went_on = None, False
        try:
            with contextlib.suppress(ChannelGone):
                part = await self.recorder.order(channel, call_id)
        finally:
            went_on = await self.ari.continue_in_dialplan(channel.id)
        await writing
        log.info("admitted", call_id=str(call_id), line=channel.line, part=str(part))
        if part is None and not went_on:
            return  # the caller hung up before anything could be recorded
        if part is None:
            # The dialplan records the call as well as we do: it is seen, and nobody need act.
            detail = {"why": "ami"}
            await self.writer.incident(Cause.ADMITTED_BY_DIALPLAN, str(call_id), call_id, detail)
        else:
            await self.writer.note_part(call_id, str(part), now())

    async def _write(self, channel: Channel, call_id: uuid.UUID) -> None:
        await self.writer.note([CallFacts(offered_of(channel, call_id))])
