"""ARI's events, parsed once and understood as happenings to calls."""

from datetime import UTC, datetime
from typing import Any

import pytest

from ari_app.events import NotUnderstood, call_event, parse_event
from supervision.calls.rules import EventKind, Party

CALL = "2890d6c7-de62-4bee-9330-18572a726291"


def channel(name: str, line: str = "", state: str = "Up") -> dict[str, Any]:
    return {
        "id": f"id-of-{name}",
        "name": f"PJSIP/{name}-0000000a",
        "state": state,
        "creationtime": "2026-11-23T22:30:00.123+0000",
        "caller": {"number": "138", "name": ""},
        "channelvars": {"CALL_ID": CALL, "LINE": line, "MIXMONITOR_FILENAME": ""},
    }


def event(kind: str, **what: Any) -> dict[str, Any]:
    return {"type": kind, "timestamp": "2026-11-23T22:30:01.456+0800", "application": "watch", **what}


PORT = channel("fxo-1", line="07-1")
DESK = channel("801")
RINGING = channel("801", state="Ringing")


@pytest.mark.parametrize(
    ("message", "kind", "desk", "party"),
    [
        (event("ChannelStateChange", channel=PORT), EventKind.LINE_ANSWERED, None, None),
        (event("Dial", caller=PORT, peer=DESK, dialstatus="RINGING"), EventKind.DESK_RANG, "801", None),
        (event("ChannelEnteredBridge", channel=DESK), EventKind.DESK_ANSWERED, "801", None),
        (event("ChannelLeftBridge", channel=DESK), EventKind.DESK_LEFT, "801", None),
        (event("ChannelHangupRequest", channel=PORT), EventKind.HUNG_UP, None, Party.CALLER),
        (event("ChannelHangupRequest", channel=DESK), EventKind.HUNG_UP, "801", Party.OFFICER),
        (event("ChannelHangupRequest", channel=PORT, soft=True), EventKind.HUNG_UP, None, Party.SYSTEM),
        (event("ChannelHangupRequest", channel=PORT, cause=16), EventKind.HUNG_UP, None, Party.CALLER),
        (event("ChannelHangupRequest", channel=PORT, cause=18), EventKind.HUNG_UP, None, Party.SYSTEM),
        (event("ChannelHangupRequest", channel=RINGING, cause=17), EventKind.DESK_DECLINED, "801", None),
        (event("ChannelHangupRequest", channel=RINGING, cause=19), EventKind.DESK_DECLINED, "801", None),
        (event("ChannelHangupRequest", channel=RINGING, cause=21), EventKind.DESK_DECLINED, "801", None),
        (event("ChannelHangupRequest", channel=RINGING, cause=38), EventKind.HUNG_UP, "801", Party.OFFICER),
        (event("ChannelHangupRequest", channel=DESK, cause=17), EventKind.HUNG_UP, "801", Party.OFFICER),
        (event("ChannelDestroyed", channel=PORT), EventKind.ENDED, None, None),
        (event("ChannelDestroyed", channel=DESK), EventKind.DESK_STOPPED, "801", None),
        (event("ChannelUserevent", channel=PORT, eventname="desks_busy"), EventKind.DESKS_BUSY, None, None),
        (event("ChannelUserevent", channel=PORT, eventname="rang_out"), EventKind.RANG_OUT, None, None),
        (event("ChannelUserevent", channel=PORT, eventname="put_back"), EventKind.PUT_BACK, None, None),
    ],
)
def test_an_event_means_what_happened(
    message: dict[str, Any], kind: EventKind, desk: str | None, party: Party | None
) -> None:
    meant = call_event(parse_event(message))
    assert meant is not None
    assert (meant.kind, meant.desk, meant.party) == (kind, desk, party)
    assert meant.at == datetime(2026, 11, 23, 14, 30, 1, 456000, UTC)


@pytest.mark.parametrize(
    "message",
    [
        event("ChannelStateChange", channel=channel("fxo-1", "07-1", state="Ring")),
        event("ChannelStateChange", channel=DESK),
        event("ChannelEnteredBridge", channel=PORT),
        event("Dial", caller=PORT, peer=DESK, dialstatus=""),
        event("ChannelUserevent", channel=PORT, eventname="something else"),
        event("DeviceStateChanged"),
    ],
)
def test_other_events_mean_nothing_for_the_record(message: dict[str, Any]) -> None:
    assert call_event(parse_event(message)) is None


@pytest.mark.parametrize(
    "message",
    [{}, {"type": "Dial"}, event("Dial", caller={"id": "1"}), {"type": "Dial", "timestamp": "yesterday"}],
)
def test_an_event_that_lacks_what_it_must_have_is_refused_in_words(message: dict[str, Any]) -> None:
    with pytest.raises(NotUnderstood, match="without"):
        parse_event(message)


def test_the_callers_channel_is_known_by_the_line_that_is_set_on_it_alone() -> None:
    parsed = parse_event(event("ChannelDestroyed", channel=PORT)).channel
    assert parsed is not None
    assert parsed.is_line
    assert (parsed.endpoint, parsed.line, str(parsed.call_id)) == ("fxo-1", "07-1", CALL)
