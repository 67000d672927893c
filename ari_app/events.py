"""ARI's events, parsed once into typed records. Nothing else knows ARI's JSON."""

import re
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from supervision.calls.caller_rules import whole_name
from supervision.calls.rules import DECLINES, NOBODY_ANSWERED_US, Event, EventKind, Party

CHANNEL_NAME = re.compile(r"^PJSIP/(?P<endpoint>.+)-[0-9a-f]{8,}$")


class NotUnderstood(ValueError):
    """An event that lacks what its kind must have; the message says what."""


@dataclass(frozen=True)
class Channel:
    """A channel as ARI shows it. `call_id` and `line` come from our own dialplan's variables."""

    id: str
    name: str
    state: str
    created_at: datetime
    call_id: uuid.UUID | None
    line: str
    monitored: str
    caller_number: str
    caller_name: str

    @property
    def endpoint(self) -> str:
        """The PJSIP endpoint behind it: a gateway's port, or a desk by its extension."""
        match = CHANNEL_NAME.match(self.name)
        return match["endpoint"] if match else ""

    @property
    def is_line(self) -> bool:
        """Whether it is the caller's side: LINE is set there by the endpoint and not inherited by desks."""
        return bool(self.line)


@dataclass(frozen=True)
class AriEvent:
    """One ARI event: its type, Asterisk's time, the application it came for, and the channels in it."""

    type: str
    at: datetime
    application: str
    channel: Channel | None
    peer: Channel | None
    arguments: tuple[str, ...]
    dial_status: str
    user_event: str
    status: str
    soft: bool
    cause: int = 0


def parse_event(message: dict[str, Any]) -> AriEvent:
    """The typed record of an ARI event. Raises NotUnderstood for one without type or time."""
    try:
        kind, at = str(message["type"]), parse_time(str(message["timestamp"]))
    except (KeyError, ValueError) as error:
        raise NotUnderstood(f"event without type or time: {error}") from error
    channel = message.get("channel") or message.get("caller")
    peer = message.get("peer")
    fields = message.get("userevent") or {}
    return AriEvent(
        type=kind,
        at=at,
        application=str(message.get("application", "")),
        channel=parse_channel(channel) if channel else None,
        peer=parse_channel(peer) if peer else None,
        arguments=tuple(str(argument) for argument in message.get("args", ())),
        dial_status=str(message.get("dialstatus", "")),
        user_event=str(message.get("eventname", "")),
        status=str(fields.get("Status", "")),
        soft=bool(message.get("soft")),
        cause=_cause(message.get("cause")),
    )


def parse_channel(data: dict[str, Any]) -> Channel:
    """The typed record of a channel. Raises NotUnderstood if it has no id, name or time."""
    try:
        variables = data.get("channelvars") or {}
        caller = data.get("caller") or {}
        return Channel(
            id=str(data["id"]),
            name=str(data["name"]),
            state=str(data.get("state", "")),
            created_at=parse_time(str(data["creationtime"])),
            call_id=parse_call_id(str(variables.get("CALL_ID") or "")),
            line=str(variables.get("LINE") or ""),
            monitored=str(variables.get("MIXMONITOR_FILENAME") or ""),
            caller_number=str(caller.get("number") or ""),
            caller_name=whole_name(str(caller.get("name") or ""), str(variables.get("CALLER_FROM") or "")),
        )
    except (KeyError, ValueError) as error:
        raise NotUnderstood(f"channel without {error}") from error


def parse_time(text: str) -> datetime:
    """ARI's time, `2026-11-23T22:30:00.123+0000`, in UTC. Raises ValueError for anything else."""
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError(f"a time without its zone: {text!r}")
    return at.astimezone(UTC)


def parse_call_id(text: str) -> uuid.UUID | None:
    """A call's id, or None where the text is none."""
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def call_event(event: AriEvent) -> Event | None:
    """What an ARI event means for the record of its call, or None if it means nothing."""
    if event.channel is None:
        return None
    if event.type == "Dial":
        return _dial(event)
    on_line = event.channel.is_line
    kind = (_ON_LINE if on_line else _ON_DESK).get(event.type)
    if kind is None or (event.type == "ChannelStateChange" and event.channel.state != "Up"):
        return _announced(event) if event.type == "ChannelUserevent" else None
    desk = None if on_line else event.channel.endpoint
    party = None
    if kind is EventKind.HUNG_UP:
        if not on_line and event.channel.state != "Up" and event.cause in DECLINES and not event.soft:
            return Event(EventKind.DESK_DECLINED, event.at, event.channel.id, desk)
        # A soft request is Asterisk's own: the dialplan's Hangup(), or a timeout. So is giving up on a dead side.
        ours = event.soft or event.cause in NOBODY_ANSWERED_US
        party = Party.SYSTEM if ours else Party.CALLER if on_line else Party.OFFICER
    return Event(kind, event.at, event.channel.id, desk, party)


def _cause(value: Any) -> int:
    """A Q.850 cause; 0 where none is given."""
    return value if isinstance(value, int) else 0


_ON_LINE = {
    "ChannelStateChange": EventKind.LINE_ANSWERED,
    "ChannelHangupRequest": EventKind.HUNG_UP,
    "ChannelDestroyed": EventKind.ENDED,
}
_SAID = {
    "desks_busy": EventKind.DESKS_BUSY,
    "rang_out": EventKind.RANG_OUT,
    "put_back": EventKind.PUT_BACK,
}
_ON_DESK = {
    "ChannelEnteredBridge": EventKind.DESK_ANSWERED,
    "ChannelLeftBridge": EventKind.DESK_LEFT,
    "ChannelHangupRequest": EventKind.HUNG_UP,
    "ChannelDestroyed": EventKind.DESK_STOPPED,
}


def _dial(event: AriEvent) -> Event | None:
    if event.dial_status != "RINGING" or event.peer is None:
        return None
    return Event(EventKind.DESK_RANG, event.at, event.peer.id, event.peer.endpoint)


def _announced(event: AriEvent) -> Event | None:
    kind = _SAID.get(event.user_event)
    if kind is None or event.channel is None:
        return None
    return Event(kind, event.at, event.channel.id, detail=event.status)
