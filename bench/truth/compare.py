"""The record held to the phones' accounts, to Asterisk's own and to headquarters' copy. Pure: nothing is read."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from bench.truth.accounts import CallerAccount, DeskAccount
from bench.truth.plan import LAST_RING
from bench.truth.seen import S, Seen
from bench.truth.stored import OF_EACH_SIDE, Row, Store, SwitchRecord, moment_ns

MS = 1_000_000
SHORT_MS = 500  # a shorter talk may leave nothing to be kept
LEFT_AT_ONCE_NS = 100 * MS  # the dialplan begins in a thread of its own
COARSE_NS = S  # a record that rests on the CDR knows seconds only


@dataclass(frozen=True)
class Bounds:
    """How far moments may lie apart: those of `talk` and of a call's ends; `race`: who was first is not known.

    `lacks_ms`: how much less than the talk is in its recording. What was said last may be in the jitter buffer,
    which holds up to 200 ms, and a packet of each side on its way to it or from it.
    """

    talk_ms: float | None = 100.0
    ends_ms: float = 500.0
    race_ms: float = 150.0
    lacks_ms: float = 240.0


@dataclass(frozen=True)
class Difference:
    """One thing that is not as it was: which call, in which field, what the record says and what was so."""

    call: str
    what: str
    record: str
    truth: str

    def __str__(self) -> str:
        return f"{self.call}: {self.what}: the record says {self.record}; {self.truth}"


@dataclass
class Outcome:
    """What a comparison came to. `talk_off_ms`: the record's talk less the phones', for each answered call.

    `left_at_once`: callers of whom there is no record, who took back their INVITE before the dialplan began.
    """

    differences: list[Difference] = field(default_factory=list)
    talk_off_ms: list[float] = field(default_factory=list)
    answered: int = 0
    compared: int = 0
    left_at_once: int = 0

    def differ(self, call: str, what: str, record: object, truth: str) -> None:
        """Note a difference."""
        self.differences.append(Difference(call, what, str(record), truth))


@dataclass(frozen=True)
class Written:
    """What was written: the office's store, Asterisk's records by call; `announced`: lines that announce first."""

    store: Store
    switch: Mapping[str, SwitchRecord]
    announced: frozenset[str]


def compare_calls(seen: Sequence[Seen], written: Written, bounds: Bounds) -> tuple[Outcome, dict[int, str]]:
    """Each call's record against what its phones saw and Asterisk logged; and which record is which call's."""
    outcome = Outcome()
    matched = match(seen, written.store, outcome)
    for one in seen:
        call_id = matched.get(one.caller.n)
        if call_id is not None:
            outcome.compared += 1
            _Comparison(one, call_id, written, bounds, outcome).run()
    return outcome, matched


def _left_at_once(caller: CallerAccount) -> bool:
    """Whether the call may have been cancelled before the dialplan began, so that no log of Asterisk's names it.

    On a busy machine that may be later: whoever gave up before any answer to his INVITE was too early.
    """
    if caller.wanted_out_ns is None or caller.rang_ns is not None:
        return False
    early = caller.tried_ns is None or caller.wanted_out_ns < caller.tried_ns
    return early or caller.wanted_out_ns - caller.invited_ns < LEFT_AT_ONCE_NS


def match(seen: Sequence[Seen], store: Store, outcome: Outcome) -> dict[int, str]:
    """By line and time: a line has one call at a time, and it begins with its INVITE."""
    rows: dict[str, list[Row]] = {}
    for row in store.tables["calls"].values():
        rows.setdefault(row["line_key"], []).append(row)
    matched: dict[int, str] = {}
    used = set()
    for one in seen:
        from_ns, until_ns = one.caller.invited_ns - COARSE_NS, one.caller.over_ns or one.caller.invited_ns
        mine = [
            row
            for row in rows.get(one.caller.line, [])
            if from_ns <= (moment_ns(row["offered_at"]) or 0) <= until_ns + 20 * MS and row["id"] not in used
        ]
        if mine:
            matched[one.caller.n] = mine[0]["id"]
            used.add(mine[0]["id"])
        elif _left_at_once(one.caller):
            outcome.left_at_once += 1
        elif one.caller.tried_ns is not None:
            outcome.differ(one.name, "record", "nothing", _phones_account(one))
    for row in store.tables["calls"].values():
        if row["id"] not in used:
            outcome.differ(
                f"record {row['id']} on {row['line_key']}", "call", row["offered_at"], "no phone called"
            )
    return matched


def _phones_account(one: Seen) -> str:
    caller = one.caller
    moments = {
        "100": caller.tried_ns,
        "180": caller.rang_ns,
        "200": caller.up_ns,
        "hangs up": caller.wanted_out_ns,
        "BYE came": caller.bye_came_ns,
        "over": caller.over_ns,
    }
    words = [f"{name} {(at - caller.invited_ns) / MS:.0f}" for name, at in moments.items() if at is not None]
    for leg in one.legs:
        desk = {
            "INVITE": leg.invited_ns,
            "200": leg.answered_ns,
            f"{leg.declined}": leg.declined_ns,
            "ACK": leg.acked_ns,
            "CANCEL": leg.cancelled_ns,
            "BYE sent": leg.bye_sent_ns,
            "BYE came": leg.bye_came_ns,
        }
        times = [f"{name} {(at - caller.invited_ns) / MS:.0f}" for name, at in desk.items() if at is not None]
        words.append(f"desk {leg.desk} [{', '.join(times)}]")
    return f"the phones saw (ms after the INVITE) {', '.join(words)}; final {caller.final}"


@dataclass(frozen=True)
class Truth:
    """What was so. Where two things crossed on the wire, both are true: `answered` None, several `enders`."""

    answered: bool | None
    desk: str | None
    enders: frozenset[str]
    talk_ms: float | None
    dispositions: frozenset[str]


def truth_of(one: Seen, bounds: Bounds, announced: bool) -> Truth:
    """From the phones' accounts alone."""
    taken, caller = one.taken, one.caller
    answered = _answered(one, taken, bounds, announced)
    enders, ended_ns = _ended(one, taken, bounds)
    talk_ms = None
    if answered and taken is not None and taken.answered_ns is not None and ended_ns is not None:
        talk_ms = (ended_ns - taken.answered_ns) / MS
    desk = taken.desk if taken is not None and answered is not False else None
    dispositions = {"answered"} if answered is not False else set()
    if not answered:
        dispositions |= _unanswered(one, caller)
    return Truth(answered, desk, enders, talk_ms, frozenset(dispositions))


def _answered(one: Seen, taken: DeskAccount | None, bounds: Bounds, announced: bool) -> bool | None:
    """None: one side hung up in the moment of the answer, and nobody heard anybody; were they ever connected?"""
    caller = one.caller
    if taken is None or taken.answered_ns is None:
        return caller.up_ns is not None and not announced
    if caller.up_ns is None:
        crossed = caller.wanted_out_ns is not None and (
            abs(caller.wanted_out_ns - taken.answered_ns) <= bounds.race_ms * MS
        )
        return None if crossed else False
    if taken.heard.packets or taken.desk in caller.heard.packets:
        return True
    out = [at - taken.answered_ns for at in (caller.wanted_out_ns, taken.bye_sent_ns) if at is not None]
    return None if out and min(out) <= bounds.race_ms * MS else True


def _ended(one: Seen, taken: DeskAccount | None, bounds: Bounds) -> tuple[frozenset[str], int | None]:
    caller = one.caller
    out = caller.bye_sent_ns if caller.up_ns is not None and caller.cancelled_ns is None else caller.cancelled_ns
    out = out or caller.bye_sent_ns
    desk_out = taken.bye_sent_ns if taken is not None else None
    if out is not None and desk_out is not None:
        both = {"caller", "officer"} if abs(out - desk_out) <= bounds.race_ms * MS else set()
        return frozenset(both or {"caller" if out < desk_out else "officer"}), min(out, desk_out)
    if desk_out is not None:
        return frozenset({"officer"}), desk_out
    if out is not None:
        # It crossed with Asterisk's own end of the call.
        crossed = caller.bye_came_ns is not None or caller.was_refused
        return frozenset({"caller", "system"} if crossed else {"caller"}), out
    return frozenset({"system"}), caller.bye_came_ns or caller.over_ns


def _unanswered(one: Seen, caller: CallerAccount) -> set[str]:
    """His own leaving or Asterisk's end of it; where these crossed, either."""
    dispositions = set()
    if caller.cancelled_ns is not None or caller.bye_sent_ns is not None:
        dispositions |= (
            {"abandoned"} if any(leg.rang_ns for leg in one.legs) else {"abandoned", "busy", "declined"}
        )
        if not caller.was_refused:
            return dispositions
    if not one.legs:
        return dispositions | {"busy", "missed"}
    return dispositions | ({"missed", "declined"} if any(leg.declined for leg in one.legs) else {"missed"})


class _Comparison:
    """One call's record, held to all that is known of it."""

    def __init__(self, one: Seen, call_id: str, written: Written, bounds: Bounds, outcome: Outcome) -> None:
        self.one = one
        self.row = written.store.tables["calls"][call_id,]
        rows = written.store.tables["segments"]
        self.segments = [rows[key] for key in sorted(rows) if key[0] == call_id]
        self.recording = written.store.tables["recordings"].get((call_id,))
        self.switch = written.switch.get(call_id)
        self.bounds = bounds
        self.outcome = outcome
        self.truth = truth_of(one, bounds, one.caller.line in written.announced)
        self._phones_account = _phones_account(one)

    def expect(self, what: str, said: object, right: bool) -> None:
        """Note a difference unless it is right."""
        if not right:
            name = f"{self.one.name} [{self.row['id']} by {self.row['witness']}]"
            self.outcome.differ(name, what, said, self._phones_account)

    def run(self) -> None:
        """All of it."""
        row, truth = self.row, self.truth
        answered = row["answered_at"] is not None
        self.outcome.answered += answered
        self.expect(
            "answered", f"{answered} ({row['disposition']})", truth.answered is None or answered == truth.answered
        )
        self.expect("disposition", row["disposition"], row["disposition"] in truth.dispositions)
        self.expect("disposition and answer", row["disposition"], answered == (row["disposition"] == "answered"))
        self.expect("hung up by", row["hung_up_by"], row["hung_up_by"] in truth.enders)
        self.expect("interrupted", row["interrupted"], not row["interrupted"])
        if answered and truth.answered is not False:
            self.expect("answered by", row["answered_desk"], row["answered_desk"] == truth.desk)
            said = [(part["desk"], part["ended_at"] is not None) for part in self.segments]
            self.expect("segments", said, said == [(truth.desk, True)])
            self._talk()
        elif not answered:
            self.expect("segments", len(self.segments), not self.segments)
        self._caller()
        self._rings()
        self._times()
        self._recording()
        self._asterisk()

    def _caller(self) -> None:
        caller, row = self.one.caller, self.row
        if caller.user.isdigit():
            self.expect("caller's number", row["caller_number"], row["caller_number"] == caller.user)
            self.expect("caller's name", row["caller_name"], row["caller_name"] == caller.name)

    def _rings(self) -> None:
        """From the first desk's ring to the answer or the hang-up; on the edge of a ring both count.

        A desk that turns a call down without having rung was tried as it says so, or as it was called: either.
        """
        legs, caller, taken = self.one.legs, self.one.caller, self.one.taken
        if not legs:
            return
        first_ns, rang_ns = min(leg.invited_ns for leg in legs), moment_ns(self.row["first_rang_at"])
        left_ns = caller.wanted_out_ns
        if rang_ns is None and left_ns is not None and left_ns - first_ns <= self.bounds.race_ms * MS:
            return  # he left as the first desk was called: whether its telephone rang any more is nobody's to say
        off_ms = None if rang_ns is None else (rang_ns - first_ns) / MS
        self.expect("first rang at", off_ms, off_ms is not None and abs(off_ms) <= self.bounds.ends_ms)
        stopped_ns = taken.answered_ns if taken is not None else caller.cancelled_ns or caller.bye_sent_ns
        if stopped_ns is not None and self.truth.answered is not None:
            tried_ns = min(leg.rang_ns or leg.declined_ns or leg.invited_ns for leg in legs)
            slack_ns = self.bounds.race_ms * MS
            rang_s = ((stopped_ns - tried_ns - slack_ns) / S, (stopped_ns - first_ns + slack_ns) / S)
            least, most = (min(max(1, math.ceil(one)), LAST_RING) for one in rang_s)
            self.expect("rings", self.row["rings"], least <= self.row["rings"] <= most)

    def _talk(self) -> None:
        from_ns, until_ns = moment_ns(self.row["answered_at"]), moment_ns(self.row["ended_at"])
        if self.truth.talk_ms is None or from_ns is None or until_ns is None:
            return
        off_ms = (until_ns - from_ns) / MS - self.truth.talk_ms
        self.outcome.talk_off_ms.append(off_ms)
        if self.bounds.talk_ms is not None:
            self.expect("talk", f"{off_ms:+.0f} ms", abs(off_ms) <= self.bounds.talk_ms)

    def _times(self) -> None:
        caller = self.one.caller
        offered_ns, ended_ns = moment_ns(self.row["offered_at"]), moment_ns(self.row["ended_at"])
        if offered_ns is not None:
            heard_ns = min(max(offered_ns, caller.invited_ns), caller.tried_ns or caller.invited_ns)
            off_ms = (offered_ns - heard_ns) / MS  # Asterisk may miss an INVITE and hear its repetition
            self.expect("offered at", f"{off_ms:+.0f} ms", abs(off_ms) <= self.bounds.ends_ms)
        out = [at for at in (caller.bye_sent_ns, caller.bye_came_ns, caller.cancelled_ns, caller.over_ns) if at]
        if ended_ns is None:
            self.expect("an end", None, False)
        elif out:
            off_ms = min(((ended_ns - at) / MS for at in out), key=abs)
            self.expect("ended at", f"{off_ms:+.0f} ms", abs(off_ms) <= self.bounds.ends_ms)

    def _recording(self) -> None:
        """All of a talk is in the recording, but for what may be on its way as it ends."""
        if self.truth.talk_ms is None or self.truth.talk_ms < SHORT_MS:
            return
        state, length_ms = (self.recording or {}).get("state"), (self.recording or {}).get("duration_ms") or 0
        short = self.truth.talk_ms - self.bounds.lacks_ms
        self.expect("recording", f"{state} {length_ms} ms", state == "ready" and length_ms >= short)

    def _asterisk(self) -> None:
        """Its CDR, which is to the second, and its queue log."""
        row, switch = self.row, self.switch
        if switch is None:
            self.expect("in Asterisk's CDR", "a call", False)
            return
        slack_s = 1 + self.bounds.ends_ms / 1000
        for what, said_s in (("offered_at", switch.started_s), ("ended_at", switch.ended_s)):
            at_ns = moment_ns(row[what])
            agrees = at_ns is None or abs(at_ns / S - said_s - 0.5) <= slack_s
            self.expect(f"{what}, the CDR {said_s}", row[what], agrees)
        connected = switch.connected[-1] if switch.connected else None
        bridged = row["answered_desk"] == connected or (
            self.truth.answered is None and row["answered_desk"] is None
        )
        self.expect(f"answered by, the queue log {connected}", row["answered_desk"], bridged)
        if connected and switch.ended_by:
            # Of a talk that is over as it begins, the queue takes either for the one who left.
            at_once = (self.truth.talk_ms or 0) <= self.bounds.race_ms
            same = row["hung_up_by"] == switch.ended_by or len(self.truth.enders) > 1 or at_once
            self.expect(f"hung up by, the queue log {switch.ended_by}", row["hung_up_by"], same)


def compare_sides(office: Store, hq: Store) -> list[Difference]:
    """Both databases, row by row and column by column; what is each side's own is left out."""
    found = []
    for table, rows in office.tables.items():
        there, own = hq.tables[table], OF_EACH_SIDE.get(table, set())
        for key in sorted({*rows, *there}, key=str):
            name = f"{table} {'/'.join(str(part) for part in key)}"
            if key not in there or key not in rows:
                where = "headquarters" if key not in there else "the office"
                found.append(Difference(name, "row", str(rows.get(key) or there.get(key)), f"{where} has none"))
                continue
            for column, value in rows[key].items():
                if column not in own and value != there[key].get(column):
                    found.append(
                        Difference(name, column, f"{value} (office)", f"headquarters {there[key].get(column)}")
                    )
    return found


def difference_calls(found: Iterable[Difference]) -> int:
    """How many calls or rows differ."""
    return len({one.call for one in found})
