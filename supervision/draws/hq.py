"""Headquarters' side of a draw: it freezes the list, checks what the office answers and reveals, and draws."""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from supervision.audit.service import record
from supervision.clock import day_bounds, local
from supervision.draws import lists
from supervision.draws.book import (
    find_draw,
    name_of,
    norm_rate,
    open_draw,
    own_commitment,
    own_share,
    protocol_of,
    save,
    unfinished,
)
from supervision.draws.models import Draw, DrawAttempt, Ticket
from supervision.draws.noting import note_over, note_without_audio, note_wrong
from supervision.draws.period_rules import DrawName, Period, last_day, parse_name, period_of
from supervision.draws.protocol_rules import (
    CHOOSING,
    LIST_STANDS,
    DrawState,
    OutOfOrder,
    Protocol,
    answer,
    close,
    commit,
    freeze,
    recommit,
    reveal,
    settle,
    throw,
)
from supervision.draws.queries import attempts_of, entries_of, tickets_of_draw
from supervision.draws.rules import (
    NO_AUDIO,
    Entry,
    Party,
    Tier,
    commitment_of,
    differences,
    draw,
    root_of,
    seed_of,
)
from supervision.draws.statements import Frozen, HqLetter, HqSays, OfficeLetter, OfficeSays, SaidDice, SaidEntry
from supervision.errors import InvalidInput, Refused
from supervision.incidents.models import Cause
from supervision.people.rules import Scope

Position = Callable[[Session, str], tuple[uuid.UUID, int] | None]
SHOWN_DIFFERENCES = 200
OPENED_LATE = timedelta(days=62)


class ClosedFact(BaseModel):
    """An office says that a draw's period is closed: the fact that says so is number `n` of its epoch."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    draw: str = Field(max_length=48)
    epoch: uuid.UUID
    n: int = Field(ge=1, lt=2**63)


def take_closed(session: Session, office_code: str, body: Any, at: datetime) -> None:
    """Freeze the list: at this fact, in its order, exactly what came before it is acknowledged.

    Told twice it freezes once. Told before the period is over by our own clock, it is held until it is; see
    `hq_clock`. Raises InvalidInput for another office's draw, Refused out of order.
    """
    fact = ClosedFact.model_validate(body)
    found = _own(session, office_code, fact.draw)
    if found.state is not DrawState.COMMITTED:
        if found.frozen_at is None:
            raise Refused("not_committed")
        return
    found.closed_at = at
    if at < found.ends_at:
        detail = {"said": "closed_early", "ends_at": found.ends_at.isoformat()}
        note_wrong(session, found, Cause.DRAW_OUT_OF_ORDER, at, detail)
        return
    freeze_list(session, found, close(protocol_of(session, found)), (fact.epoch, fact.n), at)


def _own(session: Session, office_code: str, name: str) -> Draw:
    try:
        parsed = parse_name(name)
    except ValueError as error:
        raise InvalidInput("draw", "malformed") from error
    found = find_draw(session, parsed.id) if parsed.office_code == office_code else None
    if found is None:
        raise InvalidInput("draw", "unknown")
    return found


def _spoken_of(session: Session, office_code: str, text: str, at: datetime) -> Draw | None:
    """The draw that an office speaks of. One of a period that headquarters missed is opened, one that cannot be is
    passed over. Raises InvalidInput for another office's.
    """
    name = _parsed(text, office_code)
    if name is None:
        raise InvalidInput("draw", "unknown")
    found = find_draw(session, name.id)
    starts_at = day_bounds(name.period.first)[0]
    if found is None and not name.supplement and at - OPENED_LATE <= starts_at <= at:
        found = open_draw(session, name, norm_rate(session, name.tier, at))
    return found


def freeze_list(
    session: Session, found: Draw, protocol: Protocol, position: tuple[uuid.UUID, int], at: datetime
) -> None:
    """Fix the list as it is acknowledged now, up to that fact of that epoch."""
    entries = lists.of_headquarters(session, found)
    lists.store(session, found, entries)
    found.closed_epoch, found.closed_n = position
    found.frozen_at = at
    save(session, found, freeze(protocol, root_of(entries)), at)
    detail = {"draw": found.name, "calls": len(entries), "root": found.root, "by_silence": found.by_silence}
    record(session, None, "draw_frozen", f"draw:{found.id}", detail, found.office_code, at)


def take_letter(session: Session, office_code: str, letter: OfficeLetter, at: datetime) -> HqLetter:
    """Take in what an office says, and answer with all that it may know."""
    open_periods(session, office_code, at)
    for said in letter.statements:
        _take(session, office_code, said, at)
    answers = {one.name: one for one in unfinished(session, office_code)}
    for said in letter.statements:
        if (name := _parsed(said.draw, office_code)) is not None and (found := session.get(Draw, name.id)):
            answers[found.name] = found
    told = [(said, _answer(session, found, said)) for said, found in _with_what_was_said(letter, answers)]
    return HqLetter(answers=tuple(one for _, one in told), tickets=_tickets(session, office_code, letter.follows))


def _with_what_was_said(letter: OfficeLetter, answers: dict[str, Draw]) -> list[tuple[OfficeSays | None, Draw]]:
    said = {one.draw: one for one in letter.statements}
    return [(said.get(name), found) for name, found in answers.items()]


def _parsed(text: str, office_code: str) -> DrawName | None:
    try:
        name = parse_name(text)
    except ValueError:
        return None
    return name if name.office_code == office_code else None


def open_periods(session: Session, office_code: str, at: datetime) -> None:
    """Open what goes on for an office: this week's and this month's draw, and one that was missed meanwhile."""
    for tier in Tier:
        period = period_of(tier, local(at).date())
        before = period_of(tier, period.first - (period.after - period.first) / 2)
        wanted = [DrawName(tier, office_code, period)]
        if _is_older(session, tier, office_code, before):
            wanted.insert(0, DrawName(tier, office_code, before))
        for name in wanted:
            if session.get(Draw, name.id) is None:
                found = open_draw(session, name, norm_rate(session, tier, at))
                own_commitment(session, found, Party.HQ, at)


def _is_older(session: Session, tier: Tier, office_code: str, period: Period) -> bool:
    """Whether there were draws before that period already, so that it must have one, too."""
    of_office = Draw.tier == tier, Draw.office_code == office_code
    query = select(Draw.id).where(*of_office, Draw.ends_at <= day_bounds(period.first)[0])
    return session.scalar(query.limit(1)) is not None


def _take(session: Session, office_code: str, said: OfficeSays, at: datetime) -> None:
    """One statement of an office; what is out of order changes nothing, and the answer says how things are."""
    found = _spoken_of(session, office_code, said.draw, at)
    if found is None:
        return
    protocol = own_commitment(session, found, Party.HQ, at)
    if said.attempt != protocol.attempt.n:
        _note_late_share(session, found, said, at)
        return
    if said.dice_wanted and found.agreed_at is None:
        found.dice_wanted = True
    protocol = _take_commitment(session, found, protocol, said, at)
    protocol = _take_root(session, found, protocol, said, at)
    if said.dice is not None and protocol.may_throw:
        protocol = take_dice(session, found, said.dice, at)
    if said.share is not None:
        _take_share(session, found, protocol, said.share, at)


def _take_commitment(
    session: Session, found: Draw, protocol: Protocol, said: OfficeSays, at: datetime
) -> Protocol:
    known = protocol.attempt.commitments.get(Party.OFFICE)
    if said.commitment is None or known == said.commitment or protocol.state not in CHOOSING:
        return protocol
    taking = commit if known is None else recommit
    protocol = taking(protocol, Party.OFFICE, said.commitment, at)
    save(session, found, protocol, at)
    return protocol


def _take_root(session: Session, found: Draw, protocol: Protocol, said: OfficeSays, at: datetime) -> Protocol:
    if said.root is None or protocol.state not in {DrawState.FROZEN, DrawState.DISPUTED}:
        return protocol
    found.office_root = said.root
    if said.root != protocol.root and said.entries is not None:
        protocol = _look_again(session, found, protocol, [one.entry for one in said.entries], at)
    elif said.root != protocol.root and protocol.state is DrawState.FROZEN:
        return protocol  # its entries are asked for first, so that what differs can be named
    protocol = answer(protocol, said.root, at)
    save(session, found, protocol, at)
    if protocol.state is DrawState.DISPUTED:
        detail = {"draw": found.name, "differences": len(found.differences)}
        note_wrong(session, found, Cause.DRAW_LISTS_DIFFER, at, detail)
    else:
        _agreed(session, found, at)
    return protocol


def _agreed(session: Session, found: Draw, at: datetime) -> None:
    note_over(session, found, Cause.DRAW_LISTS_DIFFER, at)
    note_over(session, found, Cause.DRAW_UNCOMMITTED, at)
    record(
        session, None, "draw_agreed", f"draw:{found.id}", {"draw": found.name, "root": found.root},
        found.office_code, at,
    )  # fmt: skip


def _look_again(
    session: Session, found: Draw, protocol: Protocol, office: Sequence[Entry], at: datetime
) -> Protocol:
    """Audio that was sealed since the freeze is filled in where the office has it; then what differs is named."""
    ours = entries_of(session, found.id)
    lacking = [uuid.UUID(one.call_id) for one in ours if one.audio == NO_AUDIO]
    sealed = lists.audio_of(session, lacking)
    unsealed = {one.call_id for one in office if one.audio == NO_AUDIO}
    filled = [
        e if e.call_id in unsealed else replace(e, audio=sealed.get(uuid.UUID(e.call_id), e.audio)) for e in ours
    ]
    if filled != ours:
        lists.store(session, found, filled)
        protocol = _with_root(protocol, root_of(filled))
    found.differences = [
        {
            "call": one.call_id,
            "office": one.office.line if one.office else None,
            "hq": one.hq.line if one.hq else None,
        }
        for one in differences(office, filled)[:SHOWN_DIFFERENCES]
    ]
    return protocol


def _with_root(protocol: Protocol, root: str) -> Protocol:
    return replace(protocol, root=root)


def settle_dispute(session: Session, found: Draw, who: str, note: str, at: datetime) -> None:
    """Headquarters' list stands, as somebody decided and wrote down why; he and his note are published."""
    protocol = settle(protocol_of(session, found), found.root or "", at)
    found.settled_by, found.settled_note = who, note
    save(session, found, protocol, at)
    _agreed(session, found, at)


def take_dice(session: Session, found: Draw, said: SaidDice, at: datetime) -> Protocol:
    """Write down dice and their witnesses. Raises OutOfOrder before the agreement and once revealing may begin."""
    protocol = throw(protocol_of(session, found), said.dice, len(set(said.witnesses)), at)
    save(session, found, protocol, at)
    row = session.get_one(DrawAttempt, (found.id, protocol.attempt.n))
    row.witnesses, row.typed_by, row.thrown_at = list(said.witnesses), said.typed_by, at
    session.flush()
    return protocol


def _take_share(session: Session, found: Draw, protocol: Protocol, share: str, at: datetime) -> None:
    """Check the office's share, reveal our own, and draw."""
    try:
        protocol = reveal(protocol, Party.OFFICE, share)
    except OutOfOrder as error:
        if str(error) == "not_what_was_committed":
            note_wrong(
                session, found, Cause.DRAW_SHARE_WRONG, at, {"draw": found.name, "party": Party.OFFICE.value}
            )
        return
    ours = own_share(session, found, Party.HQ, protocol)
    if ours is not None and protocol.state is DrawState.REVEALED:
        protocol = reveal(protocol, Party.HQ, ours)
    before = found.state
    save(session, found, protocol, at)
    if protocol.state is DrawState.DRAWN and before is not DrawState.DRAWN:
        make_draw(session, found, protocol, at)


def _note_late_share(session: Session, found: Draw, said: OfficeSays, at: datetime) -> None:
    """Publish a share that came when its attempt was over: it decides nothing, and the office had revealed it."""
    row = session.get(DrawAttempt, (found.id, said.attempt))
    if said.share is None or row is None or row.withheld_by is None or row.office_share is not None:
        return
    if commitment_of(found.name, Party.OFFICE, said.share) == row.office_commitment:
        row.office_share, row.office_revealed_at = said.share, at
        session.flush()


def make_draw(session: Session, found: Draw, protocol: Protocol, at: datetime) -> None:
    """Both shares are known: work out the seed, and write the tickets down."""
    shares, entries = protocol.attempt.shares, entries_of(session, found.id)
    found.seed = seed_of(
        found.name, found.root or "", shares[Party.OFFICE], shares[Party.HQ], protocol.attempt.dice
    )
    found.due_at = day_bounds(last_day(name_of(found), local(at).date()))[1]
    drawn = draw(found.seed, protocol.current_rate, entries)
    audio = {one.call_id: one.audio for one in entries}
    for place, one in enumerate(drawn, start=1):
        call_id = uuid.UUID(one.call_id)
        session.add(Ticket(draw_id=found.id, call_id=call_id, place=place, ticket=one.ticket, stratum=one.stratum))
        if audio[one.call_id] == NO_AUDIO:
            note_without_audio(session, found, place, call_id, at)
    for cause in (Cause.DRAW_SHARE_WRONG, Cause.DRAW_STALLED):
        note_over(session, found, cause, at)
    detail = {"draw": found.name, "seed": found.seed, "tickets": len(drawn), "calls": len(entries)}
    record(session, None, "draw_made", f"draw:{found.id}", detail, found.office_code, at)


def _answer(session: Session, found: Draw, said: OfficeSays | None) -> HqSays:
    protocol, row = protocol_of(session, found), attempts_of(session, found.id)[-1]
    earlier = protocol.attempts[-2] if len(protocol.attempts) > 1 else None
    wanted = found.state is DrawState.FROZEN and said is not None and said.root not in {None, found.root}
    return HqSays(
        draw=found.name,
        state=found.state,
        rate=str(found.rate),
        attempt=row.n,
        withheld_by=earlier.withheld_by if earlier else None,
        office_commitment=row.office_commitment,
        hq_commitment=row.hq_commitment,
        dice_wanted=found.dice_wanted,
        frozen=_frozen(session, found, said),
        entries_wanted=wanted,
        ready=row.ready_at is not None,
        dice=_dice(row),
        share=row.hq_share,
        drawn_at=found.drawn_at,
    )


def _frozen(session: Session, found: Draw, said: OfficeSays | None) -> Frozen | None:
    """The list; with its entries where the office must take it over, or see that it had the same."""
    if found.frozen_at is None or found.closed_epoch is None or found.root is None:
        return None
    told = found.settled_by or (found.state in LIST_STANDS and said is not None and said.root != found.root)
    entries = [SaidEntry.of(one) for one in entries_of(session, found.id)] if told else None
    return Frozen(
        epoch=found.closed_epoch,
        n=found.closed_n or 0,
        at=found.frozen_at,
        by_silence=found.by_silence,
        root=found.root,
        settled_by=found.settled_by,
        settled_note=found.settled_note,
        entries=tuple(entries) if entries is not None else None,
    )


def _dice(row: DrawAttempt) -> SaidDice | None:
    if not row.dice or row.thrown_at is None:
        return None
    return SaidDice(dice=row.dice, witnesses=tuple(row.witnesses), typed_by=row.typed_by, at=row.thrown_at)


def _tickets(session: Session, office_code: str, follows: Sequence[str]) -> dict[str, dict[str, str]]:
    told = {}
    for text in follows:
        name = _parsed(text, office_code)
        if name is not None and session.get(Draw, name.id) is not None:
            rows = tickets_of_draw(session, Scope(office_code=office_code), name.id)
            told[text] = {str(row.call_id): row.state.value for row in rows}
    return told
