"""How much of what is the person's to do lies behind each entry of the menu: the same as on the start page.

Each page shows it, and gathering it takes a dozen queries: it is kept for some seconds, as long as nothing is
done. Whatever anybody does is an entry of the audit log, which all processes of the site look at; what the worker
does shows after those seconds.
"""

import time
import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import Flask, current_app, g, request

from supervision.actor import Actor
from supervision.audit.service import current_head
from supervision.clock import now
from supervision.today.node import list_node_todos
from supervision.today.queries import list_todos
from supervision.today.rules import Subject, Todo
from web.access import is_unattended
from web.site import at_headquarters
from web.unit import READING_METHODS, looking

KEPT_S = 20.0
MOST_KEPT = 1000
_EXTENSION = "todo_counts"
ROOMS: Mapping[Subject, str] = {
    Subject.DRAW_DIFFERS: "draws",
    Subject.REVIEW: "review",
    Subject.CONFIRM_NONE: "draws",
    Subject.RESCORE: "review",
    Subject.UNUSABLE: "review",
    Subject.ANSWER: "rectification",
    Subject.VERIFY: "rectification",
    Subject.TREAT: "findings",
    Subject.TREAT_OVERDUE: "findings",
    Subject.AGREE: "findings",
    Subject.CONFIRM_TREATMENT: "findings",
    Subject.DECIDE_APPEAL: "appeals",
    Subject.DECIDE_RECORD: "discipline",
    Subject.CONFIRM_RECORD: "discipline",
    Subject.READ_JUDGEMENT: "discipline",
    Subject.DECIDE_SIGN: "early_signs",
    Subject.FINISH_SIGN: "early_signs",
    Subject.HAND_OVER: "handover",
    Subject.COMPLAINT: "complaints",
    Subject.ATTEST_ZERO: "complaints",
    Subject.CLOSE_MONTH: "assessment",
    Subject.CALENDAR: "workdays",
    Subject.REQUESTS: "caller_requests",
    Subject.DELETIONS: "retention",
    Subject.RESETS: "resets",
    Subject.REGULATION: "regulation",
    Subject.INCIDENTS: "incidents",
}
NODE_ROOMS: Mapping[Subject, str] = {**ROOMS, Subject.REVIEW: "draws"}  # an office's site has no review room
Counts = Mapping[str, int]


@dataclass(frozen=True)
class _Kept:
    """What was gathered: when, and at which entry of the audit log."""

    at: float
    head: int
    counts: Counts


def install(app: Flask) -> None:
    """Keep nothing at first."""
    app.extensions[_EXTENSION] = {}


def gather_todos(actor: Actor, at: datetime) -> Sequence[Todo]:
    """What is the person's to do on this site; the menu of the page says the same."""
    gather, rooms = (list_todos, ROOMS) if at_headquarters() else (list_node_todos, NODE_ROOMS)
    with looking() as session:
        head = current_head(session).n  # before the rest: what is done meanwhile makes it old at once
        todos = gather(session, actor, at)
    counts: Counter[str] = Counter()
    for one in todos:
        counts[rooms[one.subject]] += one.number
    g.todo_counts = counts
    if request.method in READING_METHODS:  # what is being done may yet be rolled back
        kept: dict[uuid.UUID, _Kept] = current_app.extensions[_EXTENSION]
        if len(kept) >= MOST_KEPT:
            kept.clear()
        kept[actor.account_id] = _Kept(time.monotonic(), head, counts)
    return todos


def counts_for(actor: Actor) -> Counts:
    """By room, how much waits there for the person; nothing for what a page asks on its own."""
    if is_unattended():
        return {}
    if "todo_counts" not in g:
        with looking() as session:
            head = current_head(session).n
        found: _Kept | None = current_app.extensions[_EXTENSION].get(actor.account_id)
        if found is not None and found.head == head and time.monotonic() - found.at < KEPT_S:
            return found.counts
        gather_todos(actor, now())
    counts: Counts = g.todo_counts
    return counts
