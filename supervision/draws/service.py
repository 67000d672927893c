"""What people do about a draw: ask for dice, type them in, confirm that no call came, and raise the norm. Each
refuses what the protocol does not allow at that time.
"""

import re
import uuid
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from supervision.actor import OFFICE_ROLES, Actor, Role, Scope
from supervision.audit.service import record
from supervision.draws.book import protocol_of
from supervision.draws.messages import DICE, SentAsk, SentDice
from supervision.draws.models import Draw, DrawNorm
from supervision.draws.protocol_rules import FEWEST_DICE, DrawState, may_ask_for_dice, may_type_dice
from supervision.draws.queries import get_draw
from supervision.draws.rules import FLOOR_PERCENT, Party, Tier
from supervision.errors import InvalidInput, Refused

LONGEST_REASON = 500


def ask_for_dice(  # noqa: PLR0913 - which draw, why, on which site
    session: Session, actor: Actor, scope: Scope, draw_id: uuid.UUID, *, reason: str, at: datetime, site: Party
) -> Draw:
    """Have the office wait for dice, for a day at most after it learned of the agreement. Raises Refused."""
    reason = " ".join(reason.split())
    if not reason or len(reason) > LONGEST_REASON:
        raise InvalidInput("reason", "too_long" if reason else "missing")
    found = _locked(session, scope, draw_id)
    if not may_ask_for_dice(protocol_of(found)) or _asked(found, site):
        raise Refused("draw_too_late")
    _set_ask(found, site, SentAsk(who=_named(actor), reason=reason, at=at).model_dump(mode="json"))
    detail = {"draw": found.name, "reason": reason}
    record(session, actor, "draw_dice_asked", f"draw:{found.id}", detail, found.office_code, at)
    return found


def withdraw_dice(  # noqa: PLR0913 - which draw, on which site
    session: Session, actor: Actor, scope: Scope, draw_id: uuid.UUID, *, at: datetime, site: Party
) -> Draw:
    """Ask no longer; only who asked may. Raises Refused."""
    found = _locked(session, scope, draw_id)
    if _asked(found, site).get("who") != _named(actor):
        raise Refused("only_who_asked")
    _set_ask(found, site, {})
    record(session, actor, "draw_dice_withdrawn", f"draw:{found.id}", {"draw": found.name}, found.office_code, at)
    return found


def type_dice(  # noqa: PLR0913 - which draw, what was thrown, on which site
    session: Session, actor: Actor, scope: Scope, draw_id: uuid.UUID, *, dice: str, at: datetime, site: Party
) -> Draw:
    """Confirm, as this side's witness, what was thrown. It counts once the other side's says the same.

    Raises InvalidInput for what are not at least eight dice, Refused out of order and on the other side's site.
    """
    thrown = " ".join(re.findall(r"\d", dice))
    too_few = len(thrown.split()) < FEWEST_DICE
    if not re.fullmatch(DICE, thrown) or too_few or re.search(r"[^\d\s,，、]", dice):
        raise InvalidInput("dice", "malformed")
    found = _locked(session, scope, draw_id)
    if (site is Party.OFFICE) is not (actor.role in OFFICE_ROLES):
        raise Refused("own_side")
    if not may_type_dice(protocol_of(found)):
        raise Refused("draw_no_dice_now")
    said = SentDice(dice=thrown, witness=_named(actor), at=at).model_dump(mode="json")
    if site is Party.HQ:
        found.hq_dice = said
    else:
        found.office_dice = said
    detail = {"draw": found.name, "dice": thrown}
    record(session, actor, "draw_dice_typed", f"draw:{found.id}", detail, found.office_code, at)
    return found


def _asked(found: Draw, site: Party) -> dict[str, Any]:
    return found.hq_ask if site is Party.HQ else found.office_ask


def _set_ask(found: Draw, site: Party, ask: dict[str, Any]) -> None:
    if site is Party.HQ:
        found.hq_ask = ask
    else:
        found.office_ask = ask


def _named(actor: Actor) -> str:
    return f"{actor.name} ({actor.login})"[:128]


def confirm_none(session: Session, actor: Actor, scope: Scope, draw_id: uuid.UUID, at: datetime) -> Draw:
    """Give one's word, for the office or for headquarters, that no call was answered. Raises Refused."""
    found = _locked(session, scope, draw_id)
    if found.state is not DrawState.EMPTY:
        raise Refused("draw_has_calls")
    if actor.role in OFFICE_ROLES:
        found.none_by_office = found.none_by_office or _named(actor)
    else:
        found.none_by_hq = found.none_by_hq or _named(actor)
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
