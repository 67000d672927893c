"""A node's list of a draw: built from its own facts, and compared with the one that headquarters froze."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from supervision.draws import lists
from supervision.draws.book import protocol_of, save
from supervision.draws.models import Draw
from supervision.draws.noting import note_over, note_wrong
from supervision.draws.protocol_rules import LIST_STANDS, DrawState, Protocol, answer, freeze, settle
from supervision.draws.queries import entries_of
from supervision.draws.rules import NO_AUDIO, Entry, differences, root_of
from supervision.draws.statements import Frozen, HqSays
from supervision.incidents.models import Cause


def take_list(session: Session, found: Draw, said: HqSays, at: datetime) -> None:
    """Build the list from our own facts up to the same one, and see whether it is the same."""
    if said.frozen is None:
        return
    protocol = protocol_of(session, found)
    if protocol.state in {DrawState.COMMITTED, DrawState.CLOSED}:
        if min(said.frozen.at, at) < found.ends_at:
            note_wrong(session, found, Cause.DRAW_OUT_OF_ORDER, at, {"said": "frozen_early"})
            return
        note_over(session, found, Cause.DRAW_OUT_OF_ORDER, at)
        protocol = _freeze(session, found, protocol, said.frozen, at)
    elif protocol.state is DrawState.DISPUTED:
        # What headquarters says may be its word for the list that it had from us: that one stays as it was sent.
        if found.office_root != said.frozen.root:
            _build_list(session, found)
        found.root = said.frozen.root
        protocol = replace(protocol, root=said.frozen.root)
    if protocol.state not in {DrawState.FROZEN, DrawState.DISPUTED}:
        return
    protocol = answer(protocol, found.office_root or "", at)
    if protocol.state is DrawState.DISPUTED and _stands(session, found, said, said.frozen):
        protocol = settle(protocol, said.frozen.root, at)
    # Whether there are dice is headquarters' to say, and it says so once: nothing is ready before.
    save(session, found, _not_ready(protocol), at)
    if protocol.state is DrawState.DISPUTED:
        note_wrong(session, found, Cause.DRAW_LISTS_DIFFER, at, {"draw": found.name, "root_of_hq": found.root})
    else:
        note_over(session, found, Cause.DRAW_LISTS_DIFFER, at)


def _freeze(session: Session, found: Draw, protocol: Protocol, frozen: Frozen, at: datetime) -> Protocol:
    found.closed_epoch, found.closed_n = frozen.epoch, frozen.n
    found.frozen_at, found.by_silence = frozen.at, frozen.by_silence
    protocol = freeze(protocol, frozen.root)
    save(session, found, protocol, at)
    _build_list(session, found)
    return protocol


def _build_list(session: Session, found: Draw) -> None:
    if found.closed_epoch is None:
        return
    entries = lists.of_node(session, found, found.closed_epoch, found.closed_n or 0)
    lists.store(session, found, entries)
    found.office_root = root_of(entries)
    session.flush()


def _stands(session: Session, found: Draw, said: HqSays, frozen: Frozen) -> bool:
    """Whether headquarters' list stands, though ours is another now; it is then in place of ours.

    People decided so, or both had agreed on it before the answer was lost and ours went on.
    """
    theirs = [one.entry for one in frozen.entries or ()]
    if frozen.entries is None or root_of(theirs) != frozen.root:
        return False
    if frozen.settled_by:
        found.settled_by, found.settled_note = frozen.settled_by, frozen.settled_note
    elif said.state in LIST_STANDS and _was_ours(session, found, theirs):
        found.office_root = frozen.root
    else:
        return False
    lists.store(session, found, theirs)
    return True


def _was_ours(session: Session, found: Draw, theirs: Sequence[Entry]) -> bool:
    """Whether ours differs by nothing but audio that we told of only after the close."""
    if found.closed_epoch is None:
        return False
    told = lists.with_audio_told(session, found, found.closed_epoch, found.closed_n or 0)
    return all(
        one.office is not None and one.hq == replace(one.office, audio=NO_AUDIO) and one.call_id not in told
        for one in differences(entries_of(session, found.id), theirs)
    )


def _not_ready(protocol: Protocol) -> Protocol:
    return replace(protocol, attempts=(*protocol.attempts[:-1], replace(protocol.attempt, ready_at=None)))
