"""One record out of what several witnesses say of a call: which of them counts, and when.

A pure function of the *set* of events of each witness. So it does not matter in which order they came,
whether one said the same twice, came late or was lost for a while, or how often a process was started anew.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from supervision.calls.rules import (
    Event,
    EventKind,
    LineRules,
    Record,
    Witness,
    build_record,
    count_rings,
    in_order,
)

# The events of the control process say that a call is over only where it watched all of it, on one connection.
# Asterisk's channel event log is exact, its call detail record knows whole seconds and less.
_ENDED_FOR: Mapping[Witness, frozenset[EventKind]] = {
    Witness.ARI: frozenset({EventKind.ENDED, EventKind.WATCHED_WHOLE}),
    Witness.CEL: frozenset({EventKind.ENDED}),
    Witness.CDR: frozenset({EventKind.ENDED}),
}
_OF_FRAGMENTS = (Witness.CEL, Witness.ARI, Witness.CDR)
_NOT_OF_A_FRAGMENT = frozenset({EventKind.ENDED, EventKind.INTERRUPTED, EventKind.WATCHED_WHOLE})

EventsByWitness = Mapping[Witness, Iterable[Event]]


@dataclass(frozen=True)
class Merged:
    """The record, the witness that it rests on, and whether he saw the call's end (`settled`).

    What is not settled rests on a fragment: a better witness who speaks later completes it.
    """

    witness: Witness
    record: Record
    settled: bool


def merge_witnesses(seen: EventsByWitness, line: LineRules) -> Merged:
    """The record of a call, from all events of its witnesses.

    It rests on one of them, whole, so that times of two clocks are never mixed: on the best one who saw the end.
    While nobody did, a fragment tells how far the call has come and no more: its end is not taken from there.
    Where it was found that nobody will tell the end (INTERRUPTED), the call ended at its last sign of life.
    """
    known = {witness: in_order(set(events)) for witness, events in seen.items()}
    for witness, kinds in _ENDED_FOR.items():
        events = known.get(witness, [])
        if kinds <= {event.kind for event in events}:
            whole = [event for event in events if event.kind is not EventKind.INTERRUPTED]
            return Merged(witness, _offered(build_record(whole, line), known), settled=True)
    witness = next((one for one in _OF_FRAGMENTS if _says_more(known.get(one, ()))), Witness.ARI)
    fragment = [event for event in known.get(witness, ()) if event.kind not in _NOT_OF_A_FRAGMENT]
    given_up = [event for events in known.values() for event in events if event.kind is EventKind.INTERRUPTED]
    fragment += in_order(given_up)[-1:]
    return Merged(witness, _offered(build_record(fragment, line), known), settled=False)


def _says_more(events: Iterable[Event]) -> bool:
    return any(event.kind not in {EventKind.OFFERED, EventKind.INTERRUPTED} for event in events)


def _offered(record: Record, known: Mapping[Witness, Iterable[Event]]) -> Record:
    """The record with the beginning that another witness saw, where its own saw none."""
    if record.offered_at is not None:
        return record
    beginnings = [event.at for events in known.values() for event in events if event.kind is EventKind.OFFERED]
    return replace(record, offered_at=min(beginnings, default=None))


def fewest_rings(events: Iterable[Event], line: LineRules) -> int:
    """How many rings there were at least, by a log that says when a desk was called and not when its phone rang.

    Of all desks that were called, only the one that answered did ring for certain.
    """
    happened = in_order(events)
    answered = next((event for event in happened if event.kind is EventKind.DESK_ANSWERED), None)
    if answered is None:
        return 0
    called = [e.at for e in happened if e.kind is EventKind.DESK_RANG and e.channel == answered.channel]
    return count_rings(answered.at - min(called, default=answered.at), line.ring_s, line.last_ring)
