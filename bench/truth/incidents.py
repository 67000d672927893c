"""Which alarms were false, and which injected faults were not named. Pure."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bench.truth.seen import Seen
from bench.truth.stored import Row, Store, moment_ns
from supervision.incidents.rules import About, Cause

BY_THE_DIALPLAN = frozenset({"admission_failed", "admitted_by_dialplan"})
OF_THE_KILLS = frozenset({"control_lost"})
OF_WORK = frozenset(cause.value for cause in Cause if cause.about is About.WORK)
OF_THE_FREEZE = frozenset({"office_silent", "backlog_old"})
NO_DESK = "no_desk_reachable"
TOO_SHORT = "length_mismatch"
ALLOWED_MS = 500  # so much may lack of a recording without an incident
WAITS_NS = 2_000_000_000  # so long the dialplan waits for ari_app
SAID_WITHIN_NS = 10_000_000_000  # after a fault is over


@dataclass
class Alarms:
    """`named`: true ones by cause; `false`: each in a sentence; `unnamed`: what happened and has no incident."""

    named: dict[str, int] = field(default_factory=dict)
    false: list[str] = field(default_factory=list)
    unnamed: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Injected:
    """When ari_app was away and when the uplink was frozen (nanoseconds since 1970); lines without a desk."""

    away: Sequence[tuple[int, int]] = ()
    frozen: Sequence[tuple[int, int]] = ()
    deskless: frozenset[str] = frozenset()

    def brought(self, row: Row) -> bool:
        """Whether an incident of a process is of one that was away or frozen as it was first seen."""
        times = dict.fromkeys(OF_THE_KILLS, self.away) | dict.fromkeys(OF_THE_FREEZE, self.frozen)
        at_ns = moment_ns(row["first_seen_at"]) or 0
        return any(start <= at_ns <= end + SAID_WITHIN_NS for start, end in times.get(row["cause"], ()))

    def met(self, one: Seen) -> bool:
        """Whether a call came while ari_app was away."""
        caller = one.caller
        return any(
            from_ns <= caller.invited_ns + WAITS_NS and caller.invited_ns <= until_ns
            for from_ns, until_ns in self.away
        )


def judge(store: Store, seen: Sequence[Seen], matched: Mapping[int, str], injected: Injected, side: str) -> Alarms:
    """The incidents of one side."""
    alarms = Alarms()
    by_dialplan = only_by_dialplan(store)
    met = {matched[one.caller.n] for one in seen if one.caller.n in matched and injected.met(one)}
    reported: set[tuple[str, str]] = set()
    empty = _without_desk(seen, matched, injected.deskless)
    held_up = {matched[one.caller.n]: _held_up_ms(one) for one in seen if one.caller.n in matched}
    for row in (row for row in store.incidents if row["cause"] not in OF_WORK):
        cause, call = row["cause"], str(row["call_id"] or row["subject"]).replace("-", "")
        of_a_call = (cause in BY_THE_DIALPLAN and call in by_dialplan | met) or (
            cause == NO_DESK and call in empty
        )
        of_a_call |= cause == TOO_SHORT and _lacking_ms(row) - ALLOWED_MS <= held_up.get(call, 0.0)
        if (of_a_call and (cause, call) not in reported) or injected.brought(row):
            alarms.named[cause] = alarms.named.get(cause, 0) + 1
            reported.add((cause, call))
        else:
            alarms.false.append(_sentence(row, side))
    reported_calls = {(cause == NO_DESK, call) for cause, call in reported}
    alarms.false = list(dict.fromkeys(alarms.false))  # headquarters finds some of what it receives itself as well
    alarms.unnamed += [
        f"{side}: {call} was recorded by the dialplan alone, and no incident says so"
        for call in sorted(by_dialplan)
        if (False, call) not in reported_calls
    ]
    alarms.unnamed += [
        f"{side}: {call} found no desk, and no incident says so"
        for call in sorted(empty)
        if (True, call) not in reported_calls
    ]
    return alarms


def only_by_dialplan(store: Store) -> set[str]:
    """The calls whose every part was begun by the dialplan."""
    starters: dict[str, set[str]] = {}
    for row in store.tables["parts"].values():
        starters.setdefault(row["call_id"], set()).add(row["name"].split(".")[1][0])
    return {call for call, which in starters.items() if which == {"d"}}


def _held_up_ms(one: Seen) -> float:
    """For how long neither phone was let send, at most: MixMonitor goes by the packets that come."""
    desk_ms = one.taken.heard.held_up_ms if one.taken is not None else 0.0
    return min(one.caller.heard.held_up_ms, desk_ms)


def _lacking_ms(row: Row) -> float:
    detail = json.loads(row["detail"]) if isinstance(row["detail"], str) else row["detail"]
    return float(detail["expected_ms"] - detail["found_ms"])


def _without_desk(seen: Sequence[Seen], matched: Mapping[int, str], deskless: frozenset[str]) -> set[str]:
    """Calls on lines whose desks are never there, and that were ended by the system for it."""
    return {
        matched[one.caller.n]
        for one in seen
        if one.caller.line in deskless
        and one.caller.n in matched
        and (one.caller.wanted_out_ns is None or one.caller.was_refused)
    }


def _sentence(row: Row, side: str) -> str:
    detail = row["detail"] if isinstance(row["detail"], str) else json.dumps(row["detail"])
    healed = "healed" if row["healed_at"] else "open"
    return f"{side}: {row['cause']} {row['call_id'] or row['subject']} {detail} ({healed}, {row['times']} times)"
