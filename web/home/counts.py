"""How much of what is the person's to do lies behind each entry of the menu: the same as on the start page.

Each page shows it, and gathering it takes a dozen queries: it is kept for some seconds, and gathered anew after
whatever the person does himself.
"""

import time
import uuid
from collections.abc import Mapping

from flask import Flask, Response, current_app, request

from supervision.actor import Actor
from supervision.clock import now
from supervision.today.queries import list_todos
from supervision.today.rules import Subject
from web.access import current_sign_in, is_unattended
from web.place import at_headquarters
from web.unit import looking

KEPT_S = 20.0
MOST_KEPT = 1000
_EXTENSION = "todo_counts"
ROOMS: Mapping[Subject, str] = {
    Subject.REVIEW: "review",
    Subject.CONFIRM_NONE: "draws",
    Subject.RESCORE: "review",
    Subject.UNUSABLE: "review",
    Subject.ANSWER: "rectification",
    Subject.VERIFY: "rectification",
    Subject.TREAT: "findings",
    Subject.CONFIRM_TREATMENT: "findings",
    Subject.DECIDE_APPEAL: "appeals",
    Subject.DECIDE_RECORD: "discipline",
    Subject.CONFIRM_RECORD: "discipline",
    Subject.READ_JUDGEMENT: "discipline",
    Subject.DECIDE_SIGN: "early_signs",
    Subject.FINISH_SIGN: "early_signs",
    Subject.CALENDAR: "workdays",
    Subject.REQUESTS: "caller_requests",
    Subject.DELETIONS: "retention",
    Subject.RESETS: "resets",
    Subject.REGULATION: "regulation",
    Subject.INCIDENTS: "incidents",
}
Counts = Mapping[str, int]


def install(app: Flask) -> None:
    """Keep nothing at first; forget what is kept of who has done something."""
    app.extensions[_EXTENSION] = {}
    app.after_request(_forget)


def counts_for(actor: Actor) -> Counts:
    """By room, how much waits there for the person; nothing on a node, and for what a page asks on its own."""
    if not at_headquarters() or is_unattended():
        return {}
    kept: dict[uuid.UUID, tuple[float, Counts]] = current_app.extensions[_EXTENSION]
    found = kept.get(actor.account_id)
    if found is not None and time.monotonic() - found[0] < KEPT_S:
        return found[1]
    with looking() as session:
        todos = list_todos(session, actor, now())
    counts: dict[str, int] = {}
    for one in todos:
        room = ROOMS[one.subject]
        counts[room] = counts.get(room, 0) + one.number
    if len(kept) >= MOST_KEPT:
        kept.clear()
    kept[actor.account_id] = (time.monotonic(), counts)
    return counts


def _forget(response: Response) -> Response:
    if request.method == "POST" and not is_unattended():
        sign_in = current_sign_in()
        if sign_in is not None:
            current_app.extensions[_EXTENSION].pop(sign_in.actor.account_id, None)
    return response
