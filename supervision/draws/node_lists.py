"""A node's lists of a draw: its own, which is its answer; the one that stands; each call is in exactly one.

Whatever headquarters says of a call (that it is in another list, that it came after the freeze, that the office
never spoke): by the latest term of draw.md it is in one list that stands, or the node says so, until it is.
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from supervision.calls.models import Call
from supervision.clock import day_bounds, local
from supervision.database import in_chunks
from supervision.draws import lists
from supervision.draws.check_rules import LISTED_WITHIN, TO_SPARE, Standing, accepted, listed_by, owed_calls
from supervision.draws.messages import Agreed, Frozen, HqDrawState, NodeState, SentEntry
from supervision.draws.models import AcknowledgedCall, Draw, DrawEntry
from supervision.draws.party import note_over, note_wrong, protocol_of, save
from supervision.draws.protocol_rules import DrawState, agree, freeze, may_freeze
from supervision.draws.queries import entries_of
from supervision.draws.rules import DrawName, Entry, Period, Tier, period_of, root_of
from supervision.exchange.models import OutboxEntry, OutboxHead
from supervision.exchange.rules import FactKind
from supervision.exchange.service import send_fact
from supervision.incidents.models import Incident
from supervision.incidents.rules import Cause
from supervision.incidents.service import heal_incident, open_incident, renew_detail

TERMS = {"due_since", "tickets_at", "asked_since"}  # what runs on, though headquarters made a list anew


def needs_list(found: Draw) -> bool:
    """Whether a list stands at headquarters, as it said, that this node could not accept without its lines."""
    return NodeState.of(found).list_wanted


def apply_frozen(session: Session, found: Draw, said: HqDrawState, at: datetime) -> bool:
    """Build the list from our own facts up to the same one, and answer with it in a numbered fact.

    Whether the freeze is in order.
    """
    if said.frozen is None or found.office_share is not None or _is_known(found, said.frozen):
        note_still_frozen(found, said)
        return True
    if not may_freeze(protocol_of(found), said.frozen.at):
        note_wrong(session, found, Cause.DRAW_OUT_OF_ORDER, at, {"said": "frozen_early"})
        return False
    note_over(session, found, Cause.DRAW_OUT_OF_ORDER, at)
    frozen = said.frozen
    found.closed_epoch, found.closed_n = frozen.epoch, frozen.n
    found.by_silence = frozen.by_silence
    found.seats = [one.model_dump(mode="json") for one in frozen.seats]
    found.moved = frozen.moved.model_dump(mode="json")
    kept = {"tickets_at"} if found.judged_at else TERMS
    if found.judged_at:
        remember(found, tickets_at=at)
    found.node_state = NodeState.of(found).model_dump(mode="json", include=kept, exclude_defaults=True)
    found.agreed_at, found.whole_at, found.reviewer, found.judged_at = None, None, None, None
    forget_listed(session, found)
    entries = lists.of_node(session, found)
    lists.store(session, found, entries)
    save(found, freeze(protocol_of(found), frozen.root, len(entries), frozen.at))
    found.office_root = root_of(entries)
    lines = None
    if found.office_root != frozen.root:
        lines = [SentEntry.of(one).model_dump(mode="json") for one in entries]
    body = {"draw": found.name, "root": found.office_root, "lines": lines}
    send_fact(session, found.office_code, FactKind.DRAW_ANSWERED, body)
    head = outbox_head(session, found.office_code)
    found.answered_at, found.answered_epoch, found.answered_n = at, head.epoch, head.last_n
    return True


def _is_known(found: Draw, frozen: Frozen) -> bool:
    return found.frozen_at is not None and (found.frozen_root, found.frozen_at) == (frozen.root, frozen.at)


def outbox_head(session: Session, office_code: str) -> OutboxHead:
    """How far this node's outbox is, as it stands in the database."""
    head = session.scalars(select(OutboxHead).where(OutboxHead.office_code == office_code)).one()
    session.refresh(head)
    return head


def apply_agreed(session: Session, found: Draw, said: HqDrawState, at: datetime) -> None:
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
    lines = _accepted(session, found, said.frozen, said.agreed)
    lacks_lines = lines is None and said.frozen.lines is None
    remember(found, list_wanted=lacks_lines)
    if lines is None:
        if not lacks_lines:
            note_wrong(session, found, Cause.DRAW_LISTS_DIFFER, at, {"root_of_hq": said.agreed.root})
        return
    entries, added = lines
    lists.store(session, found, entries, added)
    save(found, agree(protocol_of(found), said.agreed.root, len(entries), at))
    found.agreed_at, found.differences = said.agreed.at, list(said.agreed.differences)
    note_over(session, found, Cause.DRAW_LISTS_DIFFER, at)
    if found.state is not DrawState.WHOLE:
        found.whole_at = found.reviewer = None


def _accepted(
    session: Session, found: Draw, frozen: Frozen, agreed: Agreed
) -> tuple[Sequence[Entry], Sequence[Entry]] | None:
    own = entries_of(session, found.id)
    lines = None if frozen.lines is None else [one.entry for one in frozen.lines]
    added = [one.entry for one in agreed.added]
    said = Standing(frozen.root, frozen.at, agreed.root, agreed.at, lines, added)
    return accepted(protocol_of(found), own, _owed(found, own), said)


def note_acknowledged(session: Session, found: Draw) -> None:
    """Note, before headquarters is asked, whether it has acknowledged our answer, and the facts sent again."""
    head = outbox_head(session, found.office_code)
    is_had = (
        found.answered_epoch == head.epoch and found.answered_n is not None and found.answered_n <= head.received_n
    )
    again_n = NodeState.of(found).again_n
    remember(found, had=is_had, again_had=bool(is_had and again_n and again_n <= head.received_n))


def note_still_frozen(found: Draw, said: HqDrawState) -> None:
    """Headquarters' list does not stand yet: what it had acknowledged before it said so must be in it."""
    if said.agreed is None and said.frozen is not None and found.frozen_root == said.frozen.root:
        known = NodeState.of(found)
        remember(found, owed=known.had, owed_again=known.again_had)


def _owed(found: Draw, own: list[Entry]) -> set[str]:
    """The calls of our answer that the list which stands must have."""
    node_state = NodeState.of(found)
    return owed_calls(own, node_state.again, had=node_state.owed, had_again=node_state.owed_again)


def remember(found: Draw, **facts: object) -> None:
    """Keep what headquarters said, beside the rest; written only where it is new."""
    known = NodeState.of(found)
    changed = known.model_copy(update=facts)
    if changed != known:
        found.node_state = changed.model_dump(mode="json", exclude_defaults=True)


MOST_NAMED = 500
MOST_ASKED = 10


def check_listed(session: Session, office_code: str, at: datetime) -> list[str]:
    """Note what headquarters has acknowledged; say which calls are past their time in no list, or in two.

    The draws in which they may be, for headquarters to be asked of: a supplement may have come and gone while the
    line was cut. They are asked for on the last day already, so that a line that was cut looks like no lie.
    """
    note_acknowledged_calls(session, office_code, at)
    query = select(AcknowledgedCall).where(AcknowledgedCall.listed_at.is_(None))
    due = session.scalars(query.where(AcknowledgedCall.listed_by <= at + TO_SPARE)).all()
    lists_of = _lists_of(session, office_code, {one.call_id for one in due})
    missing = []
    for one in due:
        if lists_of.get((one.call_id, one.tier)) != 1:
            missing.append(one)
        elif one.listed_by <= at:
            one.listed_at = at
    unlisted: dict[str, list[uuid.UUID]] = {}
    for one in missing:
        if one.listed_by <= at:
            unlisted.setdefault(_subject(one.tier, office_code, one.listed_by), []).append(one.call_id)
    _say(session, office_code, unlisted, at)
    return _unknown_draws(session, office_code, missing, at)


def forget_listed(session: Session, found: Draw) -> None:
    """A list is made anew: each call of the one that stood is looked for again, as if it had been in none."""
    held = select(DrawEntry.call_id).where(DrawEntry.draw_id == found.id)
    rows = update(AcknowledgedCall).where(AcknowledgedCall.tier == found.tier, AcknowledgedCall.call_id.in_(held))
    session.execute(rows.values(listed_at=None))


def note_acknowledged_calls(session: Session, office_code: str, at: datetime) -> None:
    """Write down which answered calls headquarters has newly acknowledged, and by when each is to be in a list.

    What a headquarters that was put back has not acknowledged any more has its time again, but only once: else it
    could keep a call out of every list by acknowledging it anew in each period.
    """
    head = session.get(OutboxHead, office_code, populate_existing=True)
    if head is None:
        return
    of_epoch = AcknowledgedCall.epoch == head.epoch
    last = session.scalar(select(func.max(AcknowledgedCall.n)).where(of_epoch)) or 0
    if last > head.received_n:
        lost = of_epoch, AcknowledgedCall.n > head.received_n, AcknowledgedCall.listed_at.is_(None)
        for tier in Tier:
            latest = _listed_by(tier, at)
            earlier = AcknowledgedCall.tier == tier, AcknowledgedCall.listed_by < latest
            own = update(AcknowledgedCall).where(*lost, *earlier, AcknowledgedCall.renewed.is_(False))
            session.execute(own.values(listed_by=latest, renewed=True))
        return
    query = select(OutboxEntry.n, OutboxEntry.body).where(
        OutboxEntry.epoch == head.epoch,
        OutboxEntry.n > last,
        OutboxEntry.n <= head.received_n,
        OutboxEntry.kind == FactKind.CALL,
    )
    answered: dict[uuid.UUID, int] = {}
    for n, body in session.execute(query.order_by(OutboxEntry.n)):
        if body["answered_at"]:
            answered.setdefault(uuid.UUID(body["id"]), n)
    known: set[uuid.UUID] = set()
    for some in in_chunks(answered):
        known |= set(session.scalars(select(AcknowledgedCall.call_id).where(AcknowledgedCall.call_id.in_(some))))
    session.add_all(
        AcknowledgedCall(call_id=call_id, tier=tier, epoch=head.epoch, n=n, listed_by=_listed_by(tier, at))
        for call_id, n in answered.items()
        if call_id not in known
        for tier in Tier
    )
    session.flush()


def _listed_by(tier: Tier, at: datetime) -> datetime:
    """By when a call that is acknowledged now is in a list, at the latest."""
    return listed_by(day_bounds(_period(tier, at).after)[0])


def _subject(tier: Tier, office_code: str, listed_by: datetime) -> str:
    """The draw of the period in which calls were acknowledged, by its name."""
    return str(DrawName(tier, office_code, _acknowledged_in(tier, listed_by)))


def _acknowledged_in(tier: Tier, listed_by: datetime) -> Period:
    return period_of(tier, local(listed_by - LISTED_WITHIN).date() - timedelta(days=1))


def _period(tier: Tier, moment: datetime) -> Period:
    return period_of(tier, local(moment).date())


def _unknown_draws(
    session: Session, office_code: str, missing: Sequence[AcknowledgedCall], at: datetime
) -> list[str]:
    """The next draws of the periods of these calls: in which they began, and in which they were acknowledged.

    More than one message asks for are asked for by turns, another one first each minute.
    """
    began: dict[uuid.UUID, datetime] = {}
    for some in in_chunks({one.call_id for one in missing}):
        rows = session.execute(select(Call.id, Call.offered_at).where(Call.id.in_(some)))
        began |= {row.id: row.offered_at for row in rows}
    wanted = {(one.tier, _period(one.tier, began[one.call_id])) for one in missing if one.call_id in began}
    wanted |= {(one.tier, _acknowledged_in(one.tier, one.listed_by)) for one in missing}
    asked = []
    periods = sorted(wanted, key=lambda one: (one[1].first, one[0]), reverse=True)
    first = int(at.timestamp()) // 60 % len(periods) if len(periods) > MOST_ASKED else 0
    for tier, period in (*periods[first:], *periods[:first])[:MOST_ASKED]:
        query = select(func.max(Draw.supplement)).where(
            Draw.office_code == office_code, Draw.tier == tier, Draw.period == period.name
        )
        known = session.scalar(query)
        asked.append(str(DrawName(tier, office_code, period, 0 if known is None else known + 1)))
    return asked


def _lists_of(
    session: Session, office_code: str, call_ids: Iterable[uuid.UUID]
) -> Mapping[tuple[uuid.UUID, Tier], int]:
    """In how many lists of each tier each call is that, as headquarters says, stand, and that are so here."""
    found: dict[tuple[uuid.UUID, Tier], int] = {}
    for some in in_chunks(call_ids):
        query = (
            select(DrawEntry.call_id, Draw.tier, func.count())
            .join(Draw, Draw.id == DrawEntry.draw_id)
            .where(Draw.office_code == office_code, Draw.root.is_not(None), DrawEntry.call_id.in_(some))
        )
        for call_id, tier, number in session.execute(query.group_by(DrawEntry.call_id, Draw.tier)):
            found[call_id, tier] = number
    return found


def _say(session: Session, office_code: str, unlisted: Mapping[str, list[uuid.UUID]], at: datetime) -> None:
    """One incident for the calls of a period; which they are is kept up to date while it lasts."""
    cause = Cause.DRAW_CALL_UNLISTED
    query = select(Incident).where(
        Incident.office_code == office_code,
        Incident.cause == cause,
        Incident.healed_at.is_(None),
        Incident.received.is_(False),
    )
    known = {one.subject: one for one in session.scalars(query)}
    for subject, calls in unlisted.items():
        named = sorted(str(one) for one in calls)[:MOST_NAMED]
        detail = {"draw": subject, "calls": named, "number": len(calls)}
        if subject in known:
            if known[subject].detail != detail:
                renew_detail(session, known[subject], detail)
            continue
        open_incident(session, office_code=office_code, cause=cause, subject=subject, at=at, detail=detail)
    for subject in known.keys() - unlisted.keys():
        heal_incident(session, office_code=office_code, cause=cause, subject=subject, at=at)
