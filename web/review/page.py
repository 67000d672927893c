"""What the review room shows, and what its script receives."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import url_for
from sqlalchemy.orm import Session

from supervision.actor import Actor, Scope
from supervision.calls.queries import CallRow, get_row
from supervision.clock import now
from supervision.draws.rules import TicketState, Unusable
from supervision.evaluations.content_rules import content_json
from supervision.evaluations.drafts import DraftRead, read_draft
from supervision.evaluations.models import Evaluation
from supervision.evaluations.queries import get_task
from supervision.evaluations.queue import Queue, queue_of
from supervision.evaluations.rules import Category, FindingKind, Norm, required_s
from supervision.listening.queries import Heard, measure_heard
from supervision.recordings.models import Recording
from supervision.recordings.queries import find_recording
from supervision.regulation.models import Clause
from supervision.regulation.queries import citable_clauses
from supervision.regulation.rules import VersionState
from supervision.scorecards.models import Scorecard
from supervision.scorecards.queries import get_version
from supervision.scorecards.rules import Grade, grade_of, missing, score_so_far
from web.design.shown import length, moment
from web.draws import wording as draw_wording
from web.evaluations import wording
from web.language import gettext

NOTED_FIRST = (FindingKind.BREACH, FindingKind.REMARK, FindingKind.GOOD)


@dataclass(frozen=True)
class Room:
    """One call on the screen with all that belongs to judging it."""

    evaluation: Evaluation
    row: CallRow
    recording: Recording | None
    card: Scorecard
    draft: DraftRead
    heard: Heard
    required_s: float
    clauses: Sequence[Clause]
    queue: Queue

    @property
    def writable(self) -> bool:
        """Whether it can still be judged."""
        return not (self.evaluation.is_judged or self.proposed)

    @property
    def proposed(self) -> bool:
        """Whether the ticket is proposed as unusable, or was found so."""
        ticket = self.evaluation.ticket
        return ticket is not None and ticket.state in {TicketState.PROPOSED, TicketState.UNUSABLE}

    @property
    def can_be_unusable(self) -> bool:
        """Whether its ticket can be proposed as unusable: it does not count yet."""
        return self.evaluation.ticket_id is not None and not (self.evaluation.is_settled or self.proposed)

    @property
    def script(self) -> dict[str, Any]:
        """What the page's script begins with."""
        here = self.evaluation.id
        return {
            "version": self.draft.version,
            "content": content_json(self.draft.content),
            "aside": [
                {"window": str(window), "content": content_json(content), "at": moment(at)}
                for window, content, at in self.draft.aside
            ],
            "writable": self.writable,
            "counted": self.evaluation.counted_at is not None,
            "urls": {
                "draft": url_for("review.draft", evaluation_id=here),
                "hold": url_for("review.hold", evaluation_id=here),
                "aside": url_for("review.drop", evaluation_id=here, window_id=uuid.UUID(int=0)),
            },
            "heard_s": self.heard.seconds,
            "required_s": self.required_s,
            "failed": _score_shown(0, grade_of(0, self.card.grades)),
            "texts": _texts(),
        }


def gather_room(session: Session, actor: Actor, scope: Scope, evaluation_id: uuid.UUID) -> Room:
    """Everything for one call. Raises as `get_task` does."""
    evaluation = get_task(session, actor, scope, evaluation_id)
    card = get_version(session, evaluation.scorecard_id)
    heard = measure_heard(session, actor.account_id, evaluation.call_id)
    draft = read_draft(session, actor, evaluation_id)
    return Room(
        evaluation=evaluation,
        row=get_row(session, scope, evaluation.call_id),
        recording=find_recording(session, scope, evaluation.call_id),
        card=card,
        draft=draft,
        heard=heard,
        required_s=required_s(heard.duration_s, Norm(card.heard_percent, card.whole_under_s)),
        clauses=citable_clauses(session, _cited(draft)),
        queue=queue_of(session, actor, scope, now()),
    )


def measured(session: Session, actor: Actor, evaluation: Evaluation) -> dict[str, Any]:
    """How much was heard and the score so far, as the server has them."""
    card = get_version(session, evaluation.scorecard_id)
    heard = measure_heard(session, actor.account_id, evaluation.call_id)
    asked = required_s(heard.duration_s, Norm(card.heard_percent, card.whole_under_s))
    given = read_draft(session, actor, evaluation.id).content.given()
    rules = [criterion.rule for criterion in card.criteria]
    score = score_so_far(rules, given, card.grades)
    return {
        "heard_s": heard.seconds,
        "required_s": asked,
        "heard_text": heard_text(heard, asked),
        "missing": len(missing(rules, given)),
        **_score_shown(score.points if score else None, score.grade if score else None),
    }


def _score_shown(points: int | None, grade: Grade | None) -> dict[str, Any]:
    name, tone = wording.grade(grade) if grade else ("", "")
    return {"score": points, "grade": name, "tone": tone}


def heard_text(heard: Heard, asked: float) -> str:
    """How much was heard, of how much, and how much must be; what rings or is announced before is left out."""
    lengths = {"heard": length(heard.seconds), "whole": length(heard.duration_s), "asked": length(asked)}
    if heard.from_s:
        return gettext(
            "%(heard)s of %(whole)s heard, %(asked)s needed; what comes before %(from)s does not count",
            **lengths,
            **{"from": length(heard.from_s)},
        )
    return gettext("%(heard)s of %(whole)s heard, %(asked)s needed", **lengths)


def choices(room: Room) -> dict[str, list[tuple[str, str]]]:
    """What a finding can be, be about, and cite; why a recording can be unusable."""
    return {
        "kinds": [(one.value, wording.finding_kind(one)[0]) for one in NOTED_FIRST],
        "categories": [(one.value, wording.category(one)) for one in Category],
        "reasons": [(one.value, draw_wording.unusable(one)) for one in Unusable],
        "cited": [(str(one.id), clause_name(one)) for one in room.clauses],
    }


def clause_name(clause: Clause) -> str:
    """A clause by its number, with its beginning; one of a version replaced since says so."""
    name = gettext("Clause %(n)s", n=clause.n)
    if clause.regulation.state is not VersionState.IN_FORCE:
        name += " (" + gettext("version %(n)s", n=clause.regulation.n) + ")"
    return name + " " + clause.text[:18] + ("…" if len(clause.text) > 18 else "")


def _cited(draft: DraftRead) -> set[uuid.UUID]:
    contents = [draft.content, *(content for _, content, _ in draft.aside)]
    return {one.clause_id for content in contents for one in content.findings if one.clause_id}


def _texts() -> dict[str, str]:
    return {
        "saved": gettext("Saved"),
        "saving": gettext("Saving …"),
        "away": gettext("Not saved yet: the server does not answer. It is tried again by itself."),
        "unfit": gettext(
            "Something typed cannot be saved: a number above the most points, too long a text, or over 100 "
            "findings."
        ),
        "set_aside": gettext(
            "This call is being judged in another window of yours. What you typed here is set aside, not lost. "
            "Reload to see both."
        ),
        "not_in_hand": gettext("%(name)s has this call in hand now. What you typed is kept as your own draft."),
        "nobody": gettext("Somebody else"),
        "submitted": gettext("This was submitted meanwhile. What you typed here is set aside, not lost."),
        "ended": gettext("Your session has ended. Sign in again in another window, then go on here."),
        "early": gettext(
            "You have heard too little of this call: submitted now, it does not count yet. Press again to submit."
        ),
        "missing": gettext("Give points for every criterion first."),
        "reason": gettext(
            "Each deduction, and each criterion that is left out, needs its reason: write it beside the points."
        ),
        "drop": gettext("Throw this text away?"),
        "use": gettext("Replace what is on the screen by this text?"),
    }
