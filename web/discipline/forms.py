"""The filters of records, appeals and notices, a proposal, and an appeal, parsed."""

import enum
import re
import unicodedata
import uuid
from collections.abc import Mapping

from werkzeug.datastructures import MultiDict

from supervision.discipline.appeals import Objected
from supervision.discipline.queries import AppealFilter, NoticeFilter, RecordFilter
from supervision.discipline.rules import MOST_GROUNDS, AppealState, RecordState, Remedy, Target
from supervision.discipline.service import Proposed
from supervision.errors import InvalidInput
from supervision.regulation.rules import Side
from web import arguments as given

UNFINISHED = "unfinished"
PLACE = re.compile(r"(?:(?P<minutes>[0-9]{1,6}):)?(?P<seconds>[0-9]{1,6})")


class Reading(enum.StrEnum):
    """Which notices of judgements are looked at."""

    UNREAD = "unread"
    ALL = "all"


def parse_filter(arguments: Mapping[str, str], office: str | None) -> RecordFilter:
    """Which records the person looks for. Raises InvalidInput for nonsense."""
    state = given.text(arguments, "state")
    return RecordFilter(
        office_code=office,
        side=given.choice(arguments, "side", Side),
        person_id=given.identity(arguments, "person"),
        state=None if state == UNFINISHED else given.choice(arguments, "state", RecordState),
        unfinished=state == UNFINISHED,
    )


def parse_appeal_filter(arguments: Mapping[str, str], office: str | None) -> AppealFilter:
    """Which appeals the person looks for. Raises InvalidInput for nonsense."""
    return AppealFilter(
        office_code=office,
        state=given.choice(arguments, "state", AppealState),
        target=given.choice(arguments, "target", Target),
    )


def parse_notice_filter(arguments: Mapping[str, str]) -> NoticeFilter:
    """Which judgements the person looks for; at first all. Raises InvalidInput for nonsense."""
    return NoticeFilter(unread=given.choice(arguments, "state", Reading) is Reading.UNREAD)


def parse_grounds(arguments: MultiDict[str, str]) -> tuple[uuid.UUID, ...]:
    """The evaluations that were chosen. Raises InvalidInput for none, and for nonsense."""
    found = arguments.getlist("evaluation")
    if not found:
        raise InvalidInput("evaluations", "missing")
    if len(found) > MOST_GROUNDS:
        raise InvalidInput("evaluations", "too_many_grounds")
    return tuple(given.needed_identity({"evaluation": one}, "evaluation") for one in found)


def parse_chosen(arguments: MultiDict[str, str]) -> tuple[uuid.UUID, ...]:
    """What the form is shown with: the evaluations that are ticked, or the one that it was opened with."""
    if "evaluation" not in arguments and "about" in arguments:
        return (given.needed_identity({"evaluation": arguments["about"]}, "evaluation"),)
    return parse_grounds(arguments)


def parse_proposal(form: MultiDict[str, str]) -> Proposed:
    """A proposal. Raises InvalidInput."""
    return Proposed(
        consequence_id=given.needed_identity(form, "consequence"),
        clause_id=given.needed_identity(form, "clause"),
        evaluation_ids=parse_grounds(form),
        reason=form.get("reason", ""),
        complaint_id=given.identity(form, "complaint"),
    )


def parse_objected(form: Mapping[str, str]) -> Objected:
    """An appeal: its text, and the place in the recording as the player shows it. Raises InvalidInput."""
    at = given.text(form, "at")
    return Objected(form.get("text", ""), _seconds(at) if at else None)


def _seconds(at: str) -> float:
    """A place in a recording: 1:05, or 65; a Chinese keyboard's colon and digits are as good."""
    found = PLACE.fullmatch(unicodedata.normalize("NFKC", at))
    if found is None:
        raise InvalidInput("at", "no_place", "minutes and seconds, such as 1:05")
    minutes, seconds = found["minutes"], int(found["seconds"])
    if minutes is not None and seconds > 59:
        raise InvalidInput("at", "no_place", "minutes and seconds, such as 1:05")
    return float(int(minutes or 0) * 60 + seconds)


def parse_remedy(form: Mapping[str, str]) -> Remedy | None:
    """How an upheld appeal is put right; an appeal against a record has none. Raises InvalidInput."""
    return given.choice(form, "remedy", Remedy)
