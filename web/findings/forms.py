"""The filter of the findings, and what is written about one, parsed."""

import enum
import uuid
from collections.abc import Mapping
from datetime import date

from supervision.evaluations.rules import Category
from supervision.findings.queries import FindingFilter
from supervision.findings.rules import Measure, Standing
from web import arguments as given

UNFINISHED, OVERDUE, TO_AGREE, ALL = "unfinished", "overdue", "to_agree", "all"
NOBODY = "nobody"


class Needed(enum.StrEnum):
    """Whether something is needed to keep it from happening again."""

    MEASURE = "needed"
    NONE = "none"


def parse_filter(
    arguments: Mapping[str, str], office: str | None, today: date, myself: uuid.UUID
) -> FindingFilter:
    """What the person looks for; without a choice, what is not finished. Raises InvalidInput for nonsense."""
    state = given.text(arguments, "state") or UNFINISHED
    nobody = given.text(arguments, "person") == NOBODY
    known = {UNFINISHED, OVERDUE, TO_AGREE, ALL}
    return FindingFilter(
        office_code=office,
        category=given.choice(arguments, "category", Category),
        person_id=None if nobody else given.identity(arguments, "person"),
        nobody=nobody,
        state=None if state in known else given.choice(arguments, "state", Standing),
        unfinished=state == UNFINISHED,
        overdue=today if state == OVERDUE else None,
        to_agree=myself if state == TO_AGREE else None,
        from_day=given.day(arguments, "from"),
        to_day=given.day(arguments, "to"),
        evaluated_from=given.day(arguments, "evaluated_from"),
        evaluated_to=given.day(arguments, "evaluated_to"),
    )


def parse_measure(form: Mapping[str, str]) -> tuple[Measure, str]:
    """Education or criticism, and in which words. Raises InvalidInput."""
    return given.needed_choice(form, "measure", Measure), form.get("text", "")


def parse_prevention(form: Mapping[str, str]) -> tuple[str, bool]:
    """The measure, or why none is needed. Raises InvalidInput."""
    return form.get("text", ""), given.needed_choice(form, "needed", Needed) is Needed.MEASURE
