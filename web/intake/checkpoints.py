"""Signed heads of headquarters' audit log, for the offices to keep; and whether the one that they keep holds."""

from flask import Blueprint, Response, request

from supervision.audit.checkpoints import checkpoints_after, holds_head, note_receipt, receipt_of
from supervision.audit.rules import Head
from supervision.clock import now
from supervision.errors import InvalidInput
from supervision.incidents.rules import Cause
from supervision.incidents.service import heal_incident, is_open, open_incident
from web.intake.bodies import as_json
from web.intake.identity import office
from web.unit import own_transaction, session

LARGEST = 2**62

bp = Blueprint("checkpoints", __name__, url_prefix="/v1")


@bp.get("/checkpoints")
def show() -> Response:
    """What was signed after the number that the office has. The office names the head that it keeps."""
    after, n, hashed = _number("after"), _number("n"), request.args.get("hash", "")
    sent = checkpoints_after(session(), after)
    holds = n == 0 or holds_head(session(), Head(n, hashed))
    known = is_open(session(), office(), Cause.HEAD_DIFFERS, "head")
    more = after != receipt_of(session(), office())
    if more or known or not holds:
        _note(after, Head(n, hashed), holds)
    return as_json(sent)


def _note(number: int, kept: Head, holds: bool) -> None:
    cause, at = Cause.HEAD_DIFFERS, now()
    with own_transaction() as own:
        note_receipt(own, office(), number, at)
        if holds:
            heal_incident(own, office_code=office(), cause=cause, subject="head", at=at)
            return
        detail = {"n": kept.n, "kept": kept.hash[:64]}
        open_incident(own, office_code=office(), cause=cause, subject="head", at=at, detail=detail)


def _number(name: str) -> int:
    text = request.args.get(name, "0")
    if not (text.isascii() and text.isdigit()) or len(text) > 19 or int(text) > LARGEST:
        raise InvalidInput(name, "not_a_number", "a whole number")
    return int(text)
