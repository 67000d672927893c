"""What either party does with its own copy of a draw: open it, commit, give a share, note what is wrong.

`protocol_of` reads the rows as the protocol sees them; `save` writes the protocol's next step into the rows.
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from fractions import Fraction
from typing import Any

import structlog
from sqlalchemy import Select, bindparam, case, select
from sqlalchemy.orm import Session

from supervision.clock import day_bounds
from supervision.draws.messages import HqDrawState, OfficeDrawState, SentAsk, SentDice
from supervision.draws.models import Draw, DrawNorm
from supervision.draws.protocol_rules import (
    OVER,
    SUPPLEMENT_OPEN_FOR,
    DrawState,
    NamedTerms,
    OutOfOrder,
    Protocol,
    Terms,
    commit,
    commitments_due,
    common_terms,
    fits,
    make_whole,
    missing_commitments,
    reviewer_of,
)
from supervision.draws.rules import (
    ALL_UP_TO,
    DrawName,
    Party,
    Tier,
    at_least_the_floor,
    commitment_of,
    parse_period,
    seed_of,
)
from supervision.draws.share_files import SecretLost, ShareFiles
from supervision.incidents.rules import Cause
from supervision.incidents.service import heal_incident, is_open, open_incident, renew_open, was_settled

log = structlog.get_logger(__name__)

ENDED_BY_DRAW = (
    Cause.DRAW_SHARE_WRONG,
    Cause.DRAW_UNCOMMITTED,
    Cause.DRAW_OUT_OF_ORDER,
    Cause.DRAW_LISTS_DIFFER,
)


def open_draw(
    session: Session, name: DrawName, rate: Fraction, at: datetime, ends_at: datetime | None = None
) -> Draw:
    """The draw of that name; it is opened if it is new. A supplementary one ends 48 h after its opening."""
    known = session.get(Draw, name.id, with_for_update=True)
    if known is not None:
        return known
    over = at + SUPPLEMENT_OPEN_FOR if name.supplement else day_bounds(name.period.after)[0]
    draw = Draw(
        id=name.id,
        name=str(name),
        tier=name.tier,
        office_code=name.office_code,
        period=name.period.name,
        supplement=name.supplement,
        starts_at=day_bounds(name.period.first)[0],
        ends_at=ends_at or over,
        opened_at=at,
        rate=str(at_least_the_floor(name.tier, rate)),
    )
    session.add(draw)
    session.flush()
    return draw


def norm_rate(session: Session, tier: Tier, at: datetime) -> Fraction:
    """The share that the norm asks for now; never under the floor."""
    query = select(DrawNorm.percent).where(DrawNorm.tier == tier, DrawNorm.since_at <= at)
    percent = session.scalar(query.order_by(DrawNorm.since_at.desc(), DrawNorm.id.desc()).limit(1)) or 0
    return at_least_the_floor(tier, Fraction(percent, 100))


def name_of(draw: Draw) -> DrawName:
    """Its name, taken apart."""
    return DrawName(draw.tier, draw.office_code, parse_period(draw.tier, draw.period), draw.supplement)


def known_of(session: Session, names: Iterable[DrawName]) -> set[uuid.UUID]:
    """Which of these draws there are, by their ids."""
    return set(session.scalars(select(Draw.id).where(Draw.id.in_([name.id for name in names]))))


def open_at_norm(session: Session, name: DrawName, at: datetime) -> None:
    """Open a draw at the rate of the norm, if it is new."""
    open_draw(session, name, norm_rate(session, name.tier, at), at)


def thrown_by(draw: Draw, party: Party) -> SentDice | None:
    """What a side's witness typed in, as far as that is known here."""
    said = draw.hq_dice if party is Party.HQ else draw.office_dice
    return SentDice.model_validate(said) if said else None


def dice_of(draw: Draw, party: Party) -> str:
    """The dice as a side's witness typed them in, as far as that is known here."""
    thrown = thrown_by(draw, party)
    return thrown.dice if thrown else ""


def ask_of(draw: Draw, party: Party) -> SentAsk | None:
    """Who of a side asks for dice."""
    said = draw.hq_ask if party is Party.HQ else draw.office_ask
    return SentAsk.model_validate(said) if said else None


def store_dice(draw: Draw, party: Party, dice: SentDice | None) -> None:
    """Keep what a side's witness typed in."""
    said = dice.model_dump(mode="json") if dice else {}
    set_facts(draw, **{"hq_dice" if party is Party.HQ else "office_dice": said})


def store_ask(draw: Draw, party: Party, ask: SentAsk | None) -> None:
    """Keep who of a side asks for dice."""
    said = ask.model_dump(mode="json") if ask else {}
    set_facts(draw, **{"hq_ask" if party is Party.HQ else "office_ask": said})


def set_facts(draw: Draw, **facts: object) -> None:
    """Write facts down. What is the same is left alone: the row is not changed, and there is nothing to flush."""
    for fact, value in facts.items():
        if getattr(draw, fact) != value:
            setattr(draw, fact, value)


def protocol_of(draw: Draw) -> Protocol:
    """The draw as the protocol sees it."""
    commitments = {Party.OFFICE: draw.office_commitment, Party.HQ: draw.hq_commitment}
    shares = {Party.OFFICE: draw.office_share, Party.HQ: draw.hq_share}
    protocol = Protocol(
        name_of(draw),
        Fraction(draw.rate),
        draw.ends_at,
        draw.state,
        {party: one for party, one in commitments.items() if one is not None},
        draw.closed_at,
        draw.frozen_at,
        draw.frozen_root or "",
        draw.learned_at,
        draw.root or "",
        draw.calls or 0,
        draw.dice,
        {party: one for party, one in shares.items() if one is not None},
    )
    waits = draw.office_share is not None and draw.hq_share is None and bool(draw.revealed_for)
    return replace(protocol, other_terms=terms_of(draw, protocol) is None) if waits else protocol


def terms_of(draw: Draw, protocol: Protocol) -> Terms | None:
    """At headquarters: the terms that the office's close and reveal named, where all are its own, too."""
    closed, revealed = draw.said, draw.revealed_for
    named = NamedTerms(
        closed.get("office_commitment"),
        closed.get("hq_commitment"),
        closed.get("rate"),
        revealed.get("root"),
        revealed.get("dice", ""),
    )
    return common_terms(protocol, named, dice_of(draw, Party.OFFICE), dice_of(draw, Party.HQ))


def save(draw: Draw, now: Protocol) -> None:
    """Write down how far the draw has come."""
    set_facts(
        draw,
        state=now.state,
        office_commitment=now.commitments.get(Party.OFFICE),
        hq_commitment=now.commitments.get(Party.HQ),
        closed_at=now.closed_at,
        frozen_at=now.frozen_at,
        learned_at=now.agreed_at,
        frozen_root=now.frozen_root or None,
        root=now.root or None,
        calls=now.calls if now.frozen_root else draw.calls,
        dice=now.dice,
        office_share=now.shares.get(Party.OFFICE),
        hq_share=now.shares.get(Party.HQ),
    )


def commit_own(session: Session, files: ShareFiles, draw: Draw, party: Party, at: datetime) -> None:
    """See that this party is committed to a share of a draw whose period goes on.

    Its share follows from the draw secret of the month in which it first committed, as long as that is there.
    """
    protocol = protocol_of(draw)
    if protocol.state is not DrawState.OPEN or at >= draw.ends_at:
        return
    try:
        files.written_since(at)
        if not draw.secret or files.share(draw.secret, draw.name) is None:
            draw.secret = files.secret_name(at)
    except (OSError, ValueError) as error:  # a damaged file: this draw ends whole, and holds up no other
        log.warning("no commitment to a draw", draw=draw.name, error=str(error)[:300])
        return
    share = files.share(draw.secret, draw.name)
    commitment = commitment_of(draw.name, party, share) if share is not None else None
    if commitment is not None and protocol.commitments.get(party) != commitment:
        save(draw, commit(protocol, party, commitment, at))
        session.flush()


def store_commitment(session: Session, draw: Draw, party: Party, commitment: str | None, at: datetime) -> bool:
    """Store the other's commitment, as long as it may be; whether it is another than was stored."""
    protocol = protocol_of(draw)
    if commitment is None or protocol.commitments.get(party) == commitment:
        return False
    try:
        save(draw, commit(protocol, party, commitment, at))
    except OutOfOrder:
        return False
    session.flush()
    return True


def store_wishes(draw: Draw, party: Party, said: OfficeDrawState | HqDrawState) -> None:
    """Keep what the other side says of dice, for as long as they can still count: until the office revealed."""
    if draw.office_share is None:
        store_ask(draw, party, said.ask)
        store_dice(draw, party, said.dice)


def save_whole(draw: Draw, protocol: Protocol, at: datetime) -> Party:
    """Write down that all of the list is due from then on; whose it is to review."""
    whole = make_whole(protocol)
    save(draw, whole)
    draw.whole_at, draw.reviewer = draw.whole_at or at, draw.reviewer or reviewer_of(whole)
    return draw.reviewer


def check_commitments(session: Session, draw: Draw, at: datetime, *, expected: bool) -> None:
    """Note that a commitment is missing where it is due and `expected`, or that none is missing any more."""
    missing = missing_commitments(protocol_of(draw))
    is_due = draw.frozen_at is None and at >= commitments_due(draw.ends_at, draw.opened_at)
    if missing and expected and is_due:
        note_wrong(session, draw, Cause.DRAW_UNCOMMITTED, at, {"missing": [party.value for party in missing]})
    elif not missing or draw.state is DrawState.WHOLE:
        note_over(session, draw, Cause.DRAW_UNCOMMITTED, at)


def save_drawn(session: Session, draw: Draw, drawn: Protocol, drawn_at: datetime, at: datetime) -> None:
    """Write down that both shares are there, and the seed that follows; what was wrong until then is over."""
    draw.drawn_at = drawn_at
    save(draw, drawn)
    shares = drawn.shares
    draw.seed = seed_of(draw.name, draw.root or "", shares[Party.OFFICE], shares[Party.HQ], draw.dice)
    for cause in ENDED_BY_DRAW:
        note_over(session, draw, cause, at)


def give_own(files: ShareFiles, draw: Draw, party: Party, terms: Terms, at: datetime) -> str:
    """The share of this party, written down beside its secret as given for these terms. Raises SecretLost."""
    share = files.share(draw.secret, draw.name) if draw.secret else None
    if share is None or not fits(protocol_of(draw), party, share):
        raise SecretLost(f"the share of {draw.name} is lost")
    try:
        files.write_given(draw.id, terms, draw.ends_at, at)
    except (OSError, ValueError) as error:
        raise SecretLost(f"what shares were given for cannot be written down: {error}") from error
    return share


def unfinished(session: Session, office_code: str | None = None) -> Sequence[Draw]:
    """The draws that may still move, oldest period first; those that are whole, and wait for shares, last.

    Not one that a node, made anew after its share was given, cannot draw any more, once all of it is judged.
    """
    query = _UNFINISHED if office_code is None else _UNFINISHED.where(Draw.office_code == office_code)
    return session.scalars(query).all()


def _select_unfinished() -> Select[Draw]:
    is_whole = Draw.state == DrawState.WHOLE
    small = is_whole & (Draw.supplement > 0) & (Draw.calls <= ALL_UP_TO)
    is_left = is_whole & Draw.judged_at.is_not(None) & Draw.node_state["unchecked"].as_boolean().is_(True)
    latest_whole = case((is_whole, Draw.ends_at), else_=None)
    query = select(Draw).where(Draw.state.not_in(OVER), ~small, ~is_left)
    return query.order_by(is_whole, latest_whole.desc(), Draw.ends_at, Draw.name)


# Each exchange with each office asks these two, every few seconds: put together once.
_UNFINISHED = _select_unfinished()
_TO_BE_CHANGED = (
    select(Draw).where(Draw.id == bindparam("draw_id")).with_for_update().execution_options(populate_existing=True)
)


def find_draw(session: Session, draw_id: uuid.UUID) -> Draw | None:
    """The draw, to be changed."""
    return session.scalars(_TO_BE_CHANGED, {"draw_id": draw_id}).one_or_none()


def note_wrong(session: Session, found: Draw, cause: Cause, at: datetime, detail: Mapping[str, Any]) -> None:
    """Something is wrong with a draw. It is looked at every few seconds and noted once."""
    about: dict[str, Any] = {"office_code": found.office_code, "cause": cause, "subject": found.name}
    if not is_open(session, **about):
        open_incident(session, **about, at=at, detail={"draw": found.name, **detail})


def note_share_wrong(session: Session, found: Draw, at: datetime, party: Party, said: str) -> None:
    """A share cannot be given, or is not what was committed. It is tried again and again and noted once.

    What a person has settled is not noted anew: a secret that is lost stays lost. What was over by itself is.
    """
    if not was_settled(session, found.office_code, Cause.DRAW_SHARE_WRONG, found.name):
        detail = {"party": party.value, **({"said": said[:200]} if said else {})}
        note_wrong(session, found, Cause.DRAW_SHARE_WRONG, at, detail)


def note_over(session: Session, found: Draw, cause: Cause, at: datetime) -> None:
    """It is over by itself."""
    heal_incident(session, office_code=found.office_code, cause=cause, subject=found.name, at=at)


def note_whole(session: Session, found: Draw, at: datetime) -> None:
    """All of a list is due, and the reviewers are notified; again where they are others than before."""
    reviewer = found.reviewer.value if found.reviewer else None
    detail = {"draw": found.name, "calls": found.calls, "reviewer": reviewer}
    if not renew_open(session, found.office_code, Cause.DRAW_WHOLE, found.name, detail):
        note_wrong(session, found, Cause.DRAW_WHOLE, at, detail)


def note_without_audio(session: Session, found: Draw, place: int, call_id: uuid.UUID, at: datetime) -> None:
    """A call was drawn of which there is no recording: its cause must be written down (draw.md)."""
    subject, detail = f"{found.name}:{place}"[:80], {"draw": found.name}
    about: dict[str, Any] = {"office_code": found.office_code, "cause": Cause.DRAWN_WITHOUT_AUDIO}
    open_incident(session, **about, subject=subject, at=at, call_id=call_id, detail=detail)
