"""The list of calls as a workbook for Excel: the same rows and the same masked numbers as on the page.

Every text is written as a text: what begins like a formula (`=HYPERLINK(…)`) and came over a telephone line, or is
somebody's name, stays the letters that it is.
"""

import io
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from flask import Response
from sqlalchemy.orm import Session
from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from supervision.actor import Actor, Scope
from supervision.calls.caller_rules import mask_number
from supervision.calls.ordering import Sorting
from supervision.calls.queries import CallFilter, CallRow, list_calls
from supervision.clock import local, now
from supervision.draws.queries import DrawnIn, drawn_in
from supervision.errors import Refused
from supervision.evaluations.queries import Scored
from supervision.people.rules import Act, may
from supervision.recordings.models import RecordingState
from supervision.recordings.queries import recording_states
from web.calls import wording
from web.calls.forms import IN_PROGRESS, UNANSWERED
from web.calls.page import scores_shown
from web.draws import wording as draw_wording
from web.language import gettext
from web.recordings import wording as recording_wording

MOST_ROWS = 10_000
KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WIDTHS = (20, 16, 14, 14, 12, 8, 22, 10, 12, 10, 12, 38)
Cell = str | float | datetime | None


def rows_to_export(session: Session, scope: Scope, wanted: CallFilter, sorting: Sorting) -> Sequence[CallRow]:
    """All that fits the filter. Raises Refused where that is more than one file takes."""
    rows = list_calls(session, scope, wanted, None, MOST_ROWS + 1, sorting).rows
    if len(rows) > MOST_ROWS:
        raise Refused("too_many_to_export", str(MOST_ROWS))
    return rows


def workbook(session: Session, actor: Actor, scope: Scope, rows: Sequence[CallRow]) -> bytes:
    """The workbook, whole."""
    ids = [row.id for row in rows]
    states = recording_states(session, ids)
    drawn = drawn_in(session, ids) if may(actor.role, Act.SEE_DRAWS) else {}
    scores = scores_shown(session, actor, scope, ids)
    file = io.BytesIO()
    book = Workbook(file, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    sheet, moment = book.add_worksheet(gettext("Calls")), book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
    sheet.freeze_panes(1, 0)
    heads = _heads()
    for column, (head, width) in enumerate(zip(heads, WIDTHS, strict=True)):
        sheet.write_string(0, column, head, book.add_format({"bold": True}))
        sheet.set_column(column, column, width)
    for n, row in enumerate(rows, 1):
        for column, cell in enumerate(_cells(row, states, drawn, scores)):
            _write(sheet, n, column, cell, moment)
    sheet.autofilter(0, 0, len(rows), len(heads) - 1)
    book.close()
    return file.getvalue()


def filter_noted(wanted: CallFilter, sorting: Sorting, office: str | None) -> dict[str, str]:
    """What the workbook holds, as it may be written down: the filter as it was applied, named as on the page."""
    special = {IN_PROGRESS: wanted.in_progress, UNANSWERED: wanted.unanswered}
    applied = {
        "office": office,
        "line": wanted.line_key,
        "officer": wanted.officer_id,
        "desk": wanted.desk,
        "from": wanted.from_day,
        "to": wanted.to_day,
        "number": mask_number(wanted.number),
        "disposition": next((name for name, is_so in special.items() if is_so), wanted.disposition),
        "shortest": wanted.shortest_s,
        "longest": wanted.longest_s,
        "sort": None if sorting is Sorting.NEWEST else sorting,
    }
    return {name: str(value) for name, value in applied.items() if value is not None and value != ""}


def send_workbook(content: bytes) -> Response:
    """As an attachment, named by the day; nothing from outside is in the name."""
    answer = Response(content, mimetype=KIND)
    answer.headers["Content-Disposition"] = f'attachment; filename="calls-{local(now()):%Y-%m-%d}.xlsx"'
    return answer


def _heads() -> list[str]:
    return [
        gettext("Time"),
        gettext("Office"),
        gettext("Line"),
        gettext("Caller"),
        gettext("Officer"),
        gettext("Rings"),
        gettext("Result"),
        gettext("Talk, seconds"),
        gettext("Recording"),
        gettext("In a draw"),
        gettext("Score"),
        gettext("Call number"),
    ]


def _cells(
    row: CallRow,
    states: Mapping[uuid.UUID, RecordingState],
    drawn: Mapping[uuid.UUID, Sequence[DrawnIn]],
    scores: Mapping[uuid.UUID, Sequence[Scored]],
) -> list[Cell]:
    given = scores.get(row.id, ())
    return [
        local(row.offered_at).replace(tzinfo=None),
        row.office_name,
        row.line_name,
        row.masked_number or gettext("Unknown number"),
        " → ".join(row.people),
        row.rings + row.rings_before_us,
        wording.disposition(row.disposition) if row.disposition else gettext("In progress"),
        row.talk_s,
        recording_wording.recording_state(states.get(row.id)),
        "、".join(draw_wording.drawn(one.tier) for one in drawn.get(row.id, ())),
        " · ".join(str(one.score) for one in given),
        str(row.id),
    ]


def _write(sheet: Worksheet, row: int, column: int, cell: Cell, moment: Any) -> None:
    if cell is None or cell == "":
        return
    if isinstance(cell, str):
        sheet.write_string(row, column, cell)
    elif isinstance(cell, datetime):
        sheet.write_datetime(row, column, cell, moment)
    else:
        sheet.write_number(row, column, cell)
