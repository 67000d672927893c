"""A call as Asterisk's channel event log (CEL) has it, read and understood as call events.

CEL is written by Asterisk itself, at each event, to a local SQLite file; it is there after a kill -9 and for
every call that we did not see.
"""

import json
import sqlite3
import threading
import uuid
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ari_app.events import CHANNEL_NAME, parse_call_id
from supervision.calls.caller_rules import whole_name
from supervision.calls.rules import DECLINES, NOBODY_ANSWERED_US, Event, EventKind, Party, Witness
from supervision.calls.service import Offered

ROWS_BACK = 200_000
ROWS_BEFORE = 1_000  # a call's first rows come before its offering, among those of other calls
CALLS_KEPT = 5_000
COLUMNS = (
    "eventtype, eventtime, userdeftype, cid_num, cid_name, channame, userfield, uniqueid, linkedid, eventextra,"
    " rowid"
)


@dataclass(frozen=True)
class CelRow:
    """One row of the channel event log; `row` is its number, in the order in which Asterisk wrote."""

    event: str
    at: datetime
    user_event: str
    caller_number: str
    caller_name: str
    channel: str
    call_id: uuid.UUID | None
    uniqueid: str
    linkedid: str
    extra: dict[str, Any]
    row: int

    @property
    def endpoint(self) -> str:
        """The PJSIP endpoint behind the channel."""
        match = CHANNEL_NAME.match(self.channel)
        return match["endpoint"] if match else ""


@dataclass(frozen=True)
class LoggedCall:
    """What a log of Asterisk's tells of one call.

    `ended`: the log has the caller's end. `over`: it has the end of the last desk's channel, too, and nothing will
    be added any more. `caller_packets` and `desk_packets`: how many packets of audio came from the caller, and
    from the desks that held the call; None where they were not counted.
    """

    offered: Offered
    events: tuple[Event, ...]
    ended: bool
    last_at: datetime
    witness: Witness = Witness.CEL
    over: bool = True
    caller_packets: int | None = None
    desk_packets: int | None = None


@dataclass
class CelLog:
    """The channel event log of one Asterisk, read on from where it was read last."""

    path: Path
    _position: int = 0
    _calls: dict[uuid.UUID, str] = field(default_factory=dict)
    _rows_of: dict[str, int] = field(default_factory=dict)
    _last_rows: dict[str, int] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def calls(self) -> dict[uuid.UUID, str]:
        """The latest calls in the log, each with its linkedid; the oldest are forgotten in time."""
        with self._lock:
            return self._read_on()

    def _read_on(self) -> dict[uuid.UUID, str]:
        ((last,),) = self._rows("SELECT coalesce(max(rowid), 0) FROM cel") or [(0,)]
        if last < self._position:  # another log: the old one was lost or put away
            self._position = 0
            self._calls.clear()
            self._rows_of.clear()
            self._last_rows.clear()
        rows = self._rows(
            "SELECT linkedid, userfield, rowid FROM cel"
            " WHERE rowid > ? AND userdeftype = 'offered' ORDER BY rowid",
            max(self._position, last - ROWS_BACK),
        )
        for linkedid, text, row in rows:
            call_id = parse_call_id(str(text))
            if call_id is not None:
                self._calls[call_id] = str(linkedid)
                self._rows_of[str(linkedid)] = int(row)
        if last > self._position:
            self._note_last_rows(last)
        self._position = last
        while len(self._calls) > CALLS_KEPT:
            forgotten = self._calls.pop(next(iter(self._calls)))
            self._rows_of.pop(forgotten, None)
            self._last_rows.pop(forgotten, None)
        return dict(self._calls)

    def _note_last_rows(self, last: int) -> None:
        """How far the log tells of each call; a new call's first rows come before its offering."""
        rows = self._rows(
            "SELECT linkedid, max(rowid) FROM cel WHERE rowid > ? GROUP BY linkedid",
            max(self._position, last - ROWS_BACK) - ROWS_BEFORE,
        )
        self._last_rows |= {str(linkedid): int(row) for linkedid, row in rows if str(linkedid) in self._rows_of}

    def last_row(self, linkedid: str) -> int:
        """How many events of a call the log had when `calls` was asked last; it grows when there is more."""
        return self._last_rows.get(linkedid, 0)

    def find_call(self, linkedid: str) -> LoggedCall | None:
        """What the log had of the call with that linkedid when `calls` was asked last; None if it was not there.

        Only those rows are read that can be the call's: Asterisk's table has no index.
        """
        with self._lock:
            offered, last = self._rows_of.get(linkedid), self._last_rows.get(linkedid)
        if offered is None or last is None:
            return None
        query = f"SELECT {COLUMNS} FROM cel WHERE linkedid = ? AND rowid BETWEEN ? AND ? ORDER BY rowid"  # noqa: S608
        rows = self._rows(query, linkedid, offered - ROWS_BEFORE, last)
        return understand(parse_row(row) for row in rows)

    def _rows(self, query: str, *arguments: object) -> list[tuple[Any, ...]]:
        if not self.path.exists():
            return []
        with closing(sqlite3.connect(f"file:{self.path}?mode=ro", uri=True, timeout=5.0)) as connection:
            connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
            try:
                return connection.execute(query, arguments).fetchall()
            except sqlite3.OperationalError as error:
                if "no such table" in str(error):
                    return []
                raise


def parse_row(row: Sequence[Any]) -> CelRow:
    """The typed record of a row, its time in UTC."""
    texts = ["" if value is None else str(value) for value in row]
    seconds, _, micros = texts[1].partition(".")
    at = datetime.fromtimestamp(int(seconds), UTC).replace(microsecond=int(micros.ljust(6, "0")[:6] or 0))
    try:
        extra = json.loads(texts[9]) if texts[9] else {}
    except ValueError:
        extra = {}
    return CelRow(
        texts[0],
        at,
        texts[2],
        texts[3],
        texts[4],
        texts[5],
        parse_call_id(texts[6]),
        texts[7],
        texts[8],
        extra,
        int(texts[10]),
    )


def understand(rows: Iterable[CelRow]) -> LoggedCall | None:
    """One call's rows as a logged call, or None if its offering is not among them."""
    all_rows = list(rows)
    offering = next((row for row in all_rows if row.user_event == "offered" and row.call_id), None)
    if offering is None or offering.call_id is None:
        return None
    events = [event for row in all_rows for event in _events(row, offering)]
    offered_at = min((event.at for event in events if event.kind is EventKind.OFFERED), default=offering.at)
    header = next((str(row.extra.get("extra", "")) for row in all_rows if row.user_event == "caller"), "")
    offered = Offered(
        offering.call_id,
        str(offering.extra.get("extra", "")),
        offering.uniqueid,
        offered_at,
        offering.caller_number,
        whole_name(offering.caller_name, header),
    )
    ended = any(event.kind is EventKind.ENDED for event in events)
    held = {event.channel for event in events if event.kind is EventKind.DESK_ANSWERED}
    return LoggedCall(
        offered,
        tuple(events),
        ended,
        max(row.at for row in all_rows),
        over=ended and any(row.event == "LINKEDID_END" for row in all_rows),
        caller_packets=_packets(all_rows, {offering.uniqueid}),
        desk_packets=_packets(all_rows, held),
    )


def _packets(rows: Iterable[CelRow], channels: set[str]) -> int | None:
    """How many packets of audio came from these channels, as the dialplan counted when they ended."""
    texts = [
        str(row.extra.get("extra", "")) for row in rows if row.user_event == "rtp" and row.uniqueid in channels
    ]
    counts = [int(text) for text in texts if text.isascii() and text.isdigit()]
    return sum(counts) if counts else None


_ON_LINE = {
    "CHAN_START": EventKind.OFFERED,
    "ANSWER": EventKind.LINE_ANSWERED,
    "CHAN_END": EventKind.ENDED,
}
_ON_DESK = {
    "CHAN_START": EventKind.DESK_RANG,
    "BRIDGE_ENTER": EventKind.DESK_ANSWERED,
    "BRIDGE_EXIT": EventKind.DESK_LEFT,
    "CHAN_END": EventKind.DESK_STOPPED,
}
_SAID = {
    "recording_started": EventKind.RECORDING_STARTED,
    "desks_busy": EventKind.DESKS_BUSY,
    "rang_out": EventKind.RANG_OUT,
    "put_back": EventKind.PUT_BACK,
}


def _events(row: CelRow, offering: CelRow) -> list[Event]:
    on_line = row.uniqueid == offering.uniqueid
    if row.user_event:
        kind = _SAID.get(row.user_event)
        said = str(row.extra.get("extra", ""))
        return [Event(kind, row.at, row.uniqueid, detail=said, sequence=row.row)] if kind else []
    desk = None if on_line else row.endpoint
    if row.event == "HANGUP":
        return _hang_up(row, offering, desk)
    kind = (_ON_LINE if on_line else _ON_DESK).get(row.event)
    return [Event(kind, row.at, row.uniqueid, desk, sequence=row.row)] if kind else []


def _hang_up(row: CelRow, offering: CelRow, desk: str | None) -> list[Event]:
    """A hang-up, and of a desk that turned the call down by itself that it did.

    The rule takes no notice of the one where the desk had not answered, nor of the other where it had.
    """
    party = _hung_up_by(row, offering)
    said = [Event(EventKind.HUNG_UP, row.at, row.uniqueid, desk, party, sequence=row.row)] if party else []
    by_itself = desk is not None and row.extra.get("hangupsource") == row.channel
    if by_itself and row.extra.get("hangupcause") in DECLINES:
        said.append(Event(EventKind.DESK_DECLINED, row.at, row.uniqueid, desk, sequence=row.row))
    return said


def _hung_up_by(row: CelRow, offering: CelRow) -> Party | None:
    """Who hung up a channel. Of a desk's, only what it did itself: else the caller's channel tells."""
    source = str(row.extra.get("hangupsource", ""))
    given_up = row.extra.get("hangupcause") in NOBODY_ANSWERED_US
    if row.uniqueid != offering.uniqueid:
        own = source == row.channel
        return None if not own else Party.SYSTEM if given_up else Party.OFFICER
    if given_up:
        return Party.SYSTEM
    if source == offering.channel:
        return Party.CALLER
    return Party.OFFICER if CHANNEL_NAME.match(source) else Party.SYSTEM
