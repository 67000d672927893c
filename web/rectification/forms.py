"""The filter of the register, a new notice, and a reply with its files, parsed."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import date

from werkzeug.datastructures import FileStorage, MultiDict

from supervision.errors import InvalidInput
from supervision.rectification.attachments import examine
from supervision.rectification.queries import RectificationFilter
from supervision.rectification.rules import DUE_IN_WORKING_DAYS, MOST_FILES, MOST_FINDINGS, RectificationState
from supervision.rectification.service import Answer, Asked
from web import arguments as given

UNFINISHED, OVERDUE = "unfinished", "overdue"


def parse_filter(arguments: Mapping[str, str], office: str | None, today: date) -> RectificationFilter:
    """Which notices the person looks for. Raises InvalidInput for nonsense."""
    state = given.text(arguments, "state")
    return RectificationFilter(
        office_code=office,
        state=None if state in {UNFINISHED, OVERDUE} else given.choice(arguments, "state", RectificationState),
        unfinished=state == UNFINISHED,
        overdue=today if state == OVERDUE else None,
    )


def parse_findings(arguments: MultiDict[str, str]) -> tuple[uuid.UUID, ...]:
    """The findings that were chosen. Raises InvalidInput for none, and for nonsense."""
    found = arguments.getlist("finding")
    if not found:
        raise InvalidInput("findings", "missing")
    if len(found) > MOST_FINDINGS:
        raise InvalidInput("findings", "too_many_findings")
    return tuple(given.needed_identity({"finding": one}, "finding") for one in found)


def parse_asked(form: MultiDict[str, str]) -> Asked:
    """A new notice. Raises InvalidInput."""
    return Asked(
        treatment_ids=parse_findings(form),
        demand=form.get("demand", ""),
        days=parse_days(form),
        addressee_id=given.identity(form, "addressee"),
    )


def parse_days(form: Mapping[str, str]) -> int:
    """In how many working days."""
    days = given.count(form, "days", 999)
    return DUE_IN_WORKING_DAYS if days is None else days


def chosen_files(files: MultiDict[str, FileStorage]) -> list[FileStorage]:
    """The files of a reply. Raises InvalidInput for too many."""
    chosen = [one for one in files.getlist("attachment") if one.filename]
    if len(chosen) > MOST_FILES:
        raise InvalidInput("attachment", "too_many_files")
    return chosen


def parse_answer(form: Mapping[str, str], chosen: Sequence[FileStorage]) -> Answer:
    """A reply, with what its files are. Raises InvalidInput."""
    examined = tuple(examine(one.stream, one.filename or "") for one in chosen)
    return Answer(form.get("now_done", ""), form.get("prevention", ""), examined)
