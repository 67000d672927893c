"""A search by a caller's number leaves a trace; the page that goes on showing it leaves no second one.

What was written down is remembered in the signed cookie, as a keyed hash. So neither turning pages nor the
live view repeats it, and no request can pass for one of those unless its number was written down before.
"""

import hashlib

from flask import current_app
from flask import session as cookie

from supervision.audit.service import note_number_search
from supervision.calls.caller_rules import mask_number, number_search
from web.access import current_actor, is_unattended, refuse_unasked
from web.unit import keep_first

_NOTED = "searched"
_AT_MOST = 8


def note_search(number: str, *, turned: bool) -> None:
    """Write a search down, before it is done; nothing where no number is looked for."""
    if number_search(number) is None:
        return
    mark, noted = _mark(number), cookie.get(_NOTED, [])
    if mark in noted and (turned or is_unattended()):
        return
    refuse_unasked()
    actor = current_actor()
    keep_first(lambda session: note_number_search(session, actor, mask_number(number)))
    cookie[_NOTED] = [mark, *(other for other in noted if other != mark)][:_AT_MOST]


def _mark(number: str) -> str:
    key = current_app.config["SECRET_KEY"]
    return hashlib.blake2s(number.encode(), key=key[:32], digest_size=8).hexdigest()
