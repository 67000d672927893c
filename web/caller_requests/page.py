"""What the page of one request shows."""

import uuid
from collections.abc import Sequence

from flask import render_template

from supervision.caller_requests import service
from supervision.caller_requests.rules import IdentityCheck, LetterWay, is_overdue
from supervision.calls.caller_rules import mask_number
from supervision.calls.models import Call
from supervision.calls.queries import office_names
from supervision.clock import today
from supervision.people.queries import names_of
from supervision.retention.queries import deletions_for
from web.caller_requests import wording
from web.retention import wording as retention_wording
from web.unit import session


def present_request(request_id: uuid.UUID, revealed: str = "", candidates: Sequence[Call] | None = None) -> str:
    """One request as it stands; the number whole, and the calls from it, only where that was asked for."""
    found = service.get_request(session(), request_id)
    people = [found.registered_by, found.identified_by, found.decided_by]
    people += [letter.entered_by for letter in found.letters]
    return render_template(
        "caller_requests/show.html",
        asked=found,
        revealed=revealed,
        candidates=candidates,
        number=mask_number(found.caller_number),
        late=is_overdue(found.state, found.due_on, today()),
        undecided=found.state in service.UNDECIDED,
        deletions=deletions_for(session(), found.subject),
        names=names_of(session(), people),
        offices=office_names(session()),
        checks=[(one.value, wording.identity(one)) for one in IdentityCheck],
        ways=[(one.value, wording.letter_way(one)) for one in reversed(LetterWay)],
        today=today(),
        wording=wording,
        retention_wording=retention_wording,
    )
