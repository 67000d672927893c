"""What people do about a draw: hold it for dice, type dice in, settle a dispute, confirm that no call came, and
raise the norm. Each refuses what the protocol does not allow at that time.
"""

import re
import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from supervision.audit.service import record
from supervision.draws.book import protocol_of
from supervision.draws.hq import settle_dispute, take_dice
from supervision.draws.models import Draw, DrawNorm
from supervision.draws.node import keep_dice
from supervision.draws.protocol_rules import DrawState, OutOfOrder
from supervision.draws.queries import get_draw
from supervision.draws.rules import FLOOR_PERCENT, Tier
from supervision.draws.statements import DICE, SaidDice
from supervision.errors import InvalidInput, Refused
from supervision.people.rules import OFFICE_ROLES, Actor, Role, Scope

LONGEST_NOTE = 1000
LONGEST_NAME = 64
FEWEST_DICE = 3


def hold_for_dice(session: Session, actor: Actor, scope: Scope, draw_id: uuid.UUID, at: datetime) -> Draw:
    """Have a draw wait for dice, for a day at most. Raises Refused once the list is agreed on."""
    found = _locked(session, scope, draw_id)
    if found.agreed_at is not None:
        raise Refused("draw_too_late")
    found.dice_wanted = True
    record(session, actor, "draw_held", f"draw:{found.id}", {"draw": found.name}, found.office_code, at)
    return found


def type_dice(  # noqa: PLR0913 - which draw, what was thrown, before whom, typed in by whom
    session: Session,
    actor: Actor,
    scope: Scope,
    draw_id: uuid.UUID,
    *,
    dice: str,
    witnesses: Sequence[str],
    at: datetime,
    at_hq: bool,
) -> Draw:
    """Write dice down, with two named witnesses. On a node they count once headquarters has taken them.

    Raises InvalidInput for what are no dice or no two people, Refused out of order.
    """
    thrown = " ".join(re.findall(r"\d", dice))
    if not re.fullmatch(DICE, thrown) or len(thrown.split()) < FEWEST_DICE or re.search(r"[^\d\s,，、]", dice):
        raise InvalidInput("dice", "malformed")
    named = [" ".join(one.split()) for one in witnesses]
    if len(set(named)) < 2 or not all(0 < len(one) <= LONGEST_NAME for one in named):
        raise InvalidInput("witnesses", "missing")
    found = _locked(session, scope, draw_id)
    typed_by = f"{actor.name} ({actor.login})"[:100]
    said = SaidDice(dice=thrown, witnesses=tuple(named), typed_by=typed_by, at=at)
    if not protocol_of(session, found).may_throw:
        raise Refused("draw_no_dice_now")
    try:
        if at_hq:
            take_dice(session, found, said, at)
        else:
            keep_dice(session, found, said)
    except OutOfOrder as error:
        raise Refused("draw_no_dice_now", str(error)) from error
    detail = {"draw": found.name, "dice": thrown, "witnesses": named}
    record(session, actor, "draw_dice_typed", f"draw:{found.id}", detail, found.office_code, at)
    return found


def settle(  # noqa: PLR0913 - which draw, why, by whom
    session: Session, actor: Actor, scope: Scope, draw_id: uuid.UUID, *, note: str, at: datetime
) -> Draw:
    """Decide that headquarters' list stands, and say why; the differences stay published. Raises Refused."""
    note = note.replace("\r\n", "\n").strip()
    if not note or len(note) > LONGEST_NOTE:
        raise InvalidInput("note", "too_long" if note else "missing", f"at most {LONGEST_NOTE} characters")
    found = _locked(session, scope, draw_id)
    if found.state is not DrawState.DISPUTED:
        raise Refused("draw_no_dispute")
    settle_dispute(session, found, f"{actor.name} ({actor.login})"[:128], note, at)
    detail = {"draw": found.name, "note": note, "root": found.root}
    record(session, actor, "draw_settled", f"draw:{found.id}", detail, found.office_code, at)
    return found


def confirm_none(session: Session, actor: Actor, scope: Scope, draw_id: uuid.UUID, at: datetime) -> Draw:
    """Give one's word, for the office or for headquarters, that no call was answered. Raises Refused."""
    found = _locked(session, scope, draw_id)
    if found.state is not DrawState.DRAWN or found.calls != 0:
        raise Refused("draw_has_calls")
    who = f"{actor.name} ({actor.login})"[:128]
    if actor.role in OFFICE_ROLES:
        found.none_by_office = found.none_by_office or who
    else:
        found.none_by_hq = found.none_by_hq or who
    record(session, actor, "draw_none_confirmed", f"draw:{found.id}", {"draw": found.name}, found.office_code, at)
    return found


def raise_norm(  # noqa: PLR0913 - which tier, how much, why, by whom
    session: Session, actor: Actor, *, tier: Tier, percent: int, reason: str, at: datetime
) -> DrawNorm:
    """Set how many percent are drawn of periods that are opened from now on; never under the floor."""
    reason = reason.strip()
    if not reason or len(reason) > 500:
        raise InvalidInput("reason", "too_long" if reason else "missing")
    if not FLOOR_PERCENT[tier] <= percent <= 100:
        raise Refused("under_the_floor")
    if actor.role is not Role.SUPERVISION_HEAD:
        raise Refused("head_only")
    norm = DrawNorm(tier=tier, percent=percent, reason=reason, since_at=at, decided_by=actor.account_id)
    session.add(norm)
    session.flush()
    record(session, actor, "draw_norm_set", f"norm:{norm.id}", {"tier": tier, "percent": percent}, at=at)
    return norm


def _locked(session: Session, scope: Scope, draw_id: uuid.UUID) -> Draw:
    found = get_draw(session, scope, draw_id)
    session.refresh(found, with_for_update=True)
    return found
