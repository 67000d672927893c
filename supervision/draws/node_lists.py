"""A node's list of a draw: built from its own facts, told as its answer, and compared with the one that stands."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from supervision.draws import lists
from supervision.draws.book import protocol_of, save
from supervision.draws.messages import Frozen, HqStatement, SentEntry
from supervision.draws.models import Draw
from supervision.draws.node_listed import forget_listed
from supervision.draws.noting import note_over, note_wrong
from supervision.draws.protocol_rules import STANDS_AFTER, DrawState, agree, freeze
from supervision.draws.queries import entries_of
from supervision.draws.rules import Entry, root_of
from supervision.exchange.models import OutboxHead
from supervision.exchange.rules import FactKind
from supervision.exchange.service import tell
from supervision.incidents.rules import Cause

TERMS = ("due_since", "tickets_at", "asked_since")  # what runs on, though headquarters made a list anew


def needs_list(found: Draw) -> bool:
    """Whether a list stands at headquarters, as it said, that this node could not accept without its lines."""
    return bool(found.told.get("list_wanted"))


def apply_frozen(session: Session, found: Draw, said: HqStatement, at: datetime) -> None:
    """Build the list from our own facts up to the same one, and answer with it in a numbered fact."""
    if said.frozen is None or found.office_share is not None or _is_known(found, said.frozen):
        note_still_frozen(found, said)
        return
    if said.frozen.at < found.ends_at:
        note_wrong(session, found, Cause.DRAW_OUT_OF_ORDER, at, {"said": "frozen_early"})
        return
    note_over(session, found, Cause.DRAW_OUT_OF_ORDER, at)
    frozen = said.frozen
    found.closed_epoch, found.closed_n = frozen.epoch, frozen.n
    found.by_silence = frozen.by_silence
    found.seats = [one.model_dump(mode="json") for one in frozen.seats]
    found.moved = frozen.moved.model_dump(mode="json")
    kept = {"tickets_at": at.isoformat()} if found.judged_at else {key: found.told.get(key) for key in TERMS}
    found.told = {key: since for key, since in kept.items() if since is not None}
    found.agreed_at, found.whole_at, found.reviewer, found.judged_at = None, None, None, None
    forget_listed(session, found)
    entries = lists.of_node(session, found)
    lists.store(session, found, entries)
    save(session, found, freeze(protocol_of(found), frozen.root, len(entries), frozen.at))
    found.office_root = root_of(entries)
    lines = None
    if found.office_root != frozen.root:
        lines = [SentEntry.of(one).model_dump(mode="json") for one in entries]
    body = {"draw": found.name, "root": found.office_root, "lines": lines}
    tell(session, found.office_code, FactKind.DRAW_ANSWERED, body)
    head = _head(session, found.office_code)
    found.answered_at, found.answered_epoch, found.answered_n = at, head.epoch, head.last_n


def _is_known(found: Draw, frozen: Frozen) -> bool:
    return found.frozen_at is not None and (found.frozen_root, found.frozen_at) == (frozen.root, frozen.at)


def _head(session: Session, office_code: str) -> OutboxHead:
    head = session.scalars(select(OutboxHead).where(OutboxHead.office_code == office_code)).one()
    session.refresh(head)
    return head


def apply_agreed(session: Session, found: Draw, said: HqStatement, at: datetime) -> None:
    """Accept the list that stands, if it holds all that headquarters froze and all of our acknowledged answer.

    Else nothing is revealed. Once our share is given, a claimed difference is an incident and changes no list.
    """
    if said.agreed is None or said.frozen is None or found.frozen_root is None:
        return
    if found.root == said.agreed.root:
        note_over(session, found, Cause.DRAW_LISTS_DIFFER, at)
        return
    if found.office_share is not None:
        note_wrong(session, found, Cause.DRAW_LISTS_DIFFER, at, {"root_of_hq": said.agreed.root})
        return
    accepted = _accepted(session, found, said)
    lacks_lines = accepted is None and said.frozen.lines is None
    remember(found, list_wanted=lacks_lines)
    if accepted is None:
        if not lacks_lines:
            note_wrong(session, found, Cause.DRAW_LISTS_DIFFER, at, {"root_of_hq": said.agreed.root})
        return
    entries, added = accepted
    lists.store(session, found, entries, added)
    save(session, found, agree(protocol_of(found), said.agreed.root, len(entries), at))
    found.agreed_at, found.differences = said.agreed.at, list(said.agreed.differences)
    note_over(session, found, Cause.DRAW_LISTS_DIFFER, at)
    if found.state is not DrawState.WHOLE:
        found.whole_at = found.reviewer = None


def _accepted(session: Session, found: Draw, said: HqStatement) -> tuple[list[Entry], list[Entry]] | None:
    """The lines of the list that stands, and which of them only we had; None where it cannot be accepted."""
    if said.agreed is None or said.frozen is None or said.frozen.root != found.frozen_root:
        return None
    own = entries_of(session, found.id)
    if root_of(own) == said.agreed.root:
        return own, []
    if said.frozen.lines is None:
        return None
    frozen = [one.entry for one in said.frozen.lines]
    added = [one.entry for one in said.agreed.added]
    whole = [*frozen, *added]
    if root_of(frozen) != said.frozen.root or root_of(whole) != said.agreed.root:
        return None
    if len({one.call_id for one in whole}) != len(whole):
        return None
    owed = _owed(found, own)
    if said.agreed.at < said.frozen.at + STANDS_AFTER:
        owed = {one.call_id for one in own}  # before a day is over a list stands only where no call differs
    return (whole, added) if owed <= {one.call_id for one in whole} else None


def note_acknowledged(session: Session, found: Draw) -> None:
    """Note, before headquarters is asked, whether it has acknowledged our answer, and the facts sent again."""
    head = _head(session, found.office_code)
    is_had = (
        found.answered_epoch == head.epoch and found.answered_n is not None and found.answered_n <= head.received_n
    )
    again_n = found.told.get("again_n", 0)
    remember(found, had=is_had, again_had=bool(is_had and again_n and again_n <= head.received_n))


def note_still_frozen(found: Draw, said: HqStatement) -> None:
    """Headquarters' list does not stand yet: what it had acknowledged before it said so must be in it."""
    if said.agreed is None and said.frozen is not None and found.frozen_root == said.frozen.root:
        known = found.told
        remember(found, owed=bool(known.get("had")), owed_again=bool(known.get("again_had")))


def _owed(found: Draw, own: list[Entry]) -> set[str]:
    """The calls of our answer that the list which stands must have."""
    if not found.told.get("owed"):
        return set()
    lacking = set() if found.told.get("owed_again") else set(found.told.get("again", ()))
    return {one.call_id for one in own} - lacking


def remember(found: Draw, **facts: object) -> None:
    """Keep what headquarters said, beside the rest; written only where it is new."""
    if any(found.told.get(key) != value for key, value in facts.items()):
        found.told = {**found.told, **facts}
