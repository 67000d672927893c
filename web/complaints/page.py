"""What the page of one complaint shows."""

import uuid
from collections.abc import Sequence
from typing import Any

from flask import render_template, request

from supervision.calls.caller_rules import mask_number
from supervision.calls.queries import CallRow, office_names, rows_by_id
from supervision.clock import today
from supervision.complaints.models import Complaint
from supervision.complaints.queries import case_of, get_complaint, list_persons
from supervision.complaints.rules import UNDECIDED, Move, Objection, Verdict, after, is_overdue, objection
from supervision.discipline.queries import RecordFilter, grounds_on_calls, list_records
from supervision.discipline.rules import ENDED
from supervision.regulation.rules import Side
from web.access import current_actor, current_scope
from web.complaints import wording
from web.discipline import wording as discipline_wording
from web.unit import session


def _discipline(found: Complaint) -> dict[str, Any]:
    """What came of an upheld complaint about a person, or what it could come from."""
    if found.verdict is not Verdict.UPHELD or found.person_id is None:
        return {"upheld_about": None}
    looking, calls = session(), [tie.call_id for tie in found.calls]
    wanted = RecordFilter(person_id=found.person_id, side=Side.DISCIPLINE)
    records = list_records(looking, current_actor(), wanted).rows
    return {
        "upheld_about": found.person,
        "record": next((one for one in records if one.id == found.discipline_id), None),
        "records": [one for one in records if one.state not in ENDED and one.id != found.discipline_id],
        "grounds": grounds_on_calls(looking, found.person_id, calls),
        "record_state": discipline_wording.state,
        "record_title": discipline_wording.title,
        "ended": ENDED,
    }


def show(
    complaint_id: uuid.UUID, revealed: str = "", candidates: Sequence[CallRow] | None = None, refused: str = ""
) -> str:
    """One complaint as it stands; the number whole, and the calls that may be meant, only where that was asked."""
    found = get_complaint(session(), complaint_id)
    case = case_of(session(), found)
    about_me = current_actor().account_id in case.about
    against = {move: objection(current_actor(), move, case) for move in Move}
    return render_template(
        "complaints/show.html",
        one=found,
        revealed=revealed,
        candidates=candidates,
        refused=refused,
        searched=request.form,
        rows=rows_by_id(session(), current_scope(), [tie.call_id for tie in found.calls]),
        number=mask_number(found.caller_number),
        late=is_overdue(found.state, found.due_on, today()),
        may={move.value: after(found.state, move) is not None and not against[move] for move in Move},
        handled_myself=against[Move.DECIDE] is Objection.HANDLED_YOURSELF,
        about_me=about_me,
        may_tie=found.state in UNDECIDED and not about_me,
        verdicts=[(value.value, wording.verdict(value)[0]) for value in Verdict],
        persons=[(person.id, person.name) for person in list_persons(session(), found)],
        offices=office_names(session()),
        wording=wording,
        **_discipline(found),
    )
