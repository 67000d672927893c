"""A call as Asterisk's call detail records (CDR) and app_queue's log have it, to the second.

They are read where the channel event log knows nothing of a call: it was lost, or could not be written.
"""

import csv
import os
import threading
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ari_app.cel import LoggedCall
from ari_app.events import parse_call_id
from supervision.calls.rules import Event, EventKind, Party, Witness
from supervision.calls.service import Offered

TAIL_BYTES = 512 * 1024
CALLS_KEPT = 5_000
COLUMNS = 21
LINE_CONTEXT = "line-"


@dataclass(frozen=True)
class CdrRow:
    """One call detail record of a named call; `answered_at` is when the line was answered, if it was."""

    call_id: uuid.UUID
    line_key: str
    caller_number: str
    desk_channel: str
    started_at: datetime
    answered_at: datetime | None
    ended_at: datetime
    uniqueid: str


@dataclass(frozen=True)
class QueueEntry:
    """One line of app_queue's log."""

    at: datetime
    uniqueid: str
    queue: str
    desk: str
    event: str
    values: tuple[str, ...]


@dataclass
class CdrLog:
    """The last stretch of both files; the detail records are read on from where they were read last.

    With many calls at once they grow between any two looks, and there are several looks a second.
    """

    cdr: Path
    queue_log: Path
    _file: int = 0
    _position: int = 0
    _calls: dict[uuid.UUID, CdrRow] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def calls(self) -> dict[uuid.UUID, CdrRow]:
        """The calls that ended lately, by their ids; the oldest are forgotten in time."""
        with self._lock:
            lines = self._new_lines()
            if lines:
                self._calls = group((parse_cdr(row) for row in csv.reader(lines)), self._calls)
                for call_id in list(self._calls)[:-CALLS_KEPT]:
                    del self._calls[call_id]
            return dict(self._calls)

    def _new_lines(self) -> list[str]:
        """The whole lines that were added, of a long file or another one those of its last stretch."""
        try:
            with self.cdr.open("rb") as file:
                known = os.fstat(file.fileno())
                if known.st_ino != self._file or known.st_size < self._position:
                    self._file, self._position = known.st_ino, 0
                    self._calls.clear()
                start = max(self._position, known.st_size - TAIL_BYTES)
                file.seek(start)
                added = file.read()
        except FileNotFoundError:
            self._file = self._position = 0
            self._calls.clear()
            return []
        whole = added[: added.rfind(b"\n") + 1]
        skipped, self._position = start > self._position, start + len(whole)
        if not whole:
            return []
        lines = whole.decode("utf-8", "replace").split("\n")
        return lines[1:] if skipped else lines

    def find_call(self, call_id: uuid.UUID) -> LoggedCall | None:
        """What both files tell of a call; None if they know nothing of it."""
        row = self.calls().get(call_id)
        if row is None:
            return None
        entries = (parse_queue_entry(line) for line in tail_lines(self.queue_log))
        return understand(row, [entry for entry in entries if entry and entry.uniqueid == row.uniqueid])


def tail_lines(path: Path) -> list[str]:
    """The whole lines in the last stretch of a file; none if there is no file."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - TAIL_BYTES))
            lines = file.read().decode("utf-8", "replace").split("\n")  # a name may hold any other line end
    except FileNotFoundError:
        return []
    return lines if size <= TAIL_BYTES else lines[1:]


def group(rows: Iterable[CdrRow | None], before: Mapping[uuid.UUID, CdrRow]) -> dict[uuid.UUID, CdrRow]:
    """One record a call, beside those known `before`: a queue writes a row for each desk that it rang."""
    calls = dict(before)
    for row in rows:
        if row is None:
            continue
        known = calls.get(row.call_id, row)
        answers = [moment for moment in (known.answered_at, row.answered_at) if moment is not None]
        calls[row.call_id] = replace(
            known,
            desk_channel=known.desk_channel or row.desk_channel,
            started_at=min(known.started_at, row.started_at),
            answered_at=min(answers, default=None),
            ended_at=max(known.ended_at, row.ended_at),
        )
    return calls


def parse_cdr(row: Sequence[str]) -> CdrRow | None:
    """The typed record of a row of Master.csv, or None if it is none of ours."""
    if len(row) != COLUMNS:
        return None
    call_id = parse_call_id(row[17])
    try:
        started_at, ended_at = _moment(row[9]), _moment(row[11])
        answered_at = _moment(row[10]) if row[10] else None
    except ValueError:
        return None
    if call_id is None or not row[3].startswith(LINE_CONTEXT):
        return None
    line_key = row[3].removeprefix(LINE_CONTEXT)
    return CdrRow(call_id, line_key, row[1], row[6], started_at, answered_at, ended_at, row[16])


def parse_queue_entry(line: str) -> QueueEntry | None:
    """The typed record of a line of queue_log, or None if it is none."""
    words = line.split("|")
    if len(words) < 5 or not words[0].isdigit():
        return None
    at = datetime.fromtimestamp(int(words[0]), UTC)
    return QueueEntry(at, words[1], words[2], words[3], words[4], tuple(words[5:]))


def understand(row: CdrRow, entries: Iterable[QueueEntry]) -> LoggedCall:
    """A call from both. What neither logs (a desk that was rung in vain) leaves no event."""
    events = [
        Event(EventKind.OFFERED, row.started_at, row.uniqueid),
        Event(EventKind.ENDED, row.ended_at, row.uniqueid),
    ]
    if row.answered_at is not None:
        events.append(Event(EventKind.LINE_ANSWERED, row.answered_at, row.uniqueid))
    if not row.desk_channel:
        events.append(Event(EventKind.DESKS_BUSY, row.started_at, row.uniqueid))
    talked_with: Event | None = None
    for line, entry in enumerate(entries, start=1):
        of_entry = _events(entry, row.uniqueid)
        if entry.event == "ENTERQUEUE" and talked_with is not None:
            # Queued again after a talk: the desk died, and the dialplan put the caller back.
            of_entry.append(Event(EventKind.DESK_LEFT, entry.at, talked_with.channel, talked_with.desk))
            of_entry.append(Event(EventKind.PUT_BACK, entry.at, row.uniqueid))
            talked_with = None
        talked_with = next((one for one in of_entry if one.kind is EventKind.DESK_ANSWERED), talked_with)
        # Within a second, the log's own lines are the order; the detail record has no place in it but the last.
        events += [replace(one, sequence=line) for one in of_entry]
        events[1] = replace(events[1], sequence=line + 1)
    offered = Offered(row.call_id, row.line_key, row.uniqueid, row.started_at, row.caller_number)
    return LoggedCall(offered, tuple(events), ended=True, last_at=row.ended_at, witness=Witness.CDR)


def _events(entry: QueueEntry, line: str) -> list[Event]:
    at, desk = entry.at, entry.desk
    if entry.event == "CONNECT":
        channel = entry.values[1] if len(entry.values) > 1 else ""
        rang_at = at - timedelta(seconds=_number(entry.values, 2))
        return [
            Event(EventKind.DESK_RANG, rang_at, channel, desk),
            Event(EventKind.DESK_ANSWERED, at, channel, desk),
        ]
    if entry.event in {"RINGNOANSWER", "RINGCANCELED"}:
        rang_at = at - timedelta(milliseconds=_number(entry.values, 0))
        # The log does not name this channel. The desk's number keeps apart two that rang for equally long.
        return [Event(EventKind.DESK_RANG, rang_at, desk, desk), Event(EventKind.DESK_STOPPED, at, desk, desk)]
    if entry.event in {"EXITWITHTIMEOUT", "EXITEMPTY"} and entry.queue.endswith("-backup"):
        status = "TIMEOUT" if entry.event == "EXITWITHTIMEOUT" else "LEAVEEMPTY"
        return [Event(EventKind.RANG_OUT, at, line, detail=status)]
    party = {"ABANDON": Party.CALLER, "COMPLETECALLER": Party.CALLER, "COMPLETEAGENT": Party.OFFICER}
    if entry.event in party:
        return [Event(EventKind.HUNG_UP, at, line, party=party[entry.event])]
    return []


def _number(values: Sequence[str], place: int) -> int:
    return int(values[place]) if len(values) > place and values[place].isdigit() else 0


def _moment(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
