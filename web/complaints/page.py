"""What the page of one complaint shows."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from flask import render_template, request

from supervision.calls.caller_rules import mask_number
from supervision.calls.queries import CallRow, office_names, rows_by_id
from supervision.clock import today
from supervision.complaints.models import Complaint
from supervision.complaints.queries import case_of, get_complaint, list_persons
from supervision.complaints.rules import (
    UNDECIDED,
    Channel,
    ComplaintKind,
    Move,
    Objection,
    Verdict,
    after,
    is_overdue,
    objection,
)
from supervision.complaints.service import LONGEST_TEXT
from supervision.discipline.queries import RecordFilter, grounds_on_calls, list_records
from supervision.discipline.rules import ENDED
from supervision.errors import Refused
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


def show_correction(complaint_id: uuid.UUID, typed: Mapping[str, str] | None = None, refused: str = "") -> str:
    """The form with what was entered, or what was typed. The number stays hidden: left empty it stays as it is.

    Raises Refused for whom it is about, and once it is not to be corrected any more.
    """
    found = get_complaint(session(), complaint_id)
    against = objection(current_actor(), Move.CORRECT, case_of(session(), found))
    if against is not None or after(found.state, Move.CORRECT) is None:
        raise Refused("complaint_not_at_this_step")
    entered = {
        "kind": found.kind.value,
        "channel": found.channel.value,
        "office": found.office_code,
        "received_on": found.received_on.isoformat(),
        "caller_name": found.caller_name,
        "called_on": found.called_on.isoformat() if found.called_on else "",
        "complaint": found.text,
    }
    return show_form(entered if typed is None else typed, refused, found)


def show_form(typed: Mapping[str, str], refused: str = "", corrected: Complaint | None = None) -> str:
    """The form of a new complaint, or of one whose entry is corrected."""
    return render_template(
        "complaints/new.html",
        typed=typed,
        refused=refused,
        corrected=corrected,
        offices=office_names(session()),
        kinds=[(one.value, f"{wording.kind(one)} ({wording.due(one)})") for one in ComplaintKind],
        channels=[(one.value, wording.channel(one)) for one in Channel],
        longest=LONGEST_TEXT,
    )
