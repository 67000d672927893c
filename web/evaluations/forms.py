"""The filter of the evaluations page, and an amendment, parsed."""

import uuid
from collections.abc import Mapping
from dataclasses import replace

from supervision.draws.rules import Tier
from supervision.errors import InvalidInput
from supervision.evaluations.content_rules import Content, ContentFault, DraftMark, parse_content
from supervision.evaluations.queries import EvaluationFilter
from supervision.evaluations.rules import Kind
from supervision.scorecards.rules import Grade
from web import arguments as given

_COUNTED = {"": None, "yes": True, "no": False}


def parse_filter(arguments: Mapping[str, str], office: str | None) -> EvaluationFilter:
    """What the person looks for. Raises InvalidInput for nonsense."""
    return EvaluationFilter(
        office_code=office,
        reviewer_id=given.identity(arguments, "reviewer"),
        officer_id=given.identity(arguments, "officer"),
        call_id=given.identity(arguments, "call"),
        kind=given.choice(arguments, "kind", Kind),
        tier=given.choice(arguments, "tier", Tier),
        grade=given.choice(arguments, "grade", Grade),
        counted=parse_counted(arguments),
        rescored=given.text(arguments, "rescored") == "yes" or None,
        from_day=given.day(arguments, "from"),
        to_day=given.day(arguments, "to"),
    )


def parse_counted(arguments: Mapping[str, str]) -> bool | None:
    """Whether only what counts is wanted, or only what does not. Raises InvalidInput."""
    counted = given.text(arguments, "counted")
    if counted not in _COUNTED:
        raise InvalidInput("counted", counted, "yes, no or nothing")
    return _COUNTED[counted]


def parse_amendment(form: Mapping[str, str], before: Content) -> tuple[Content, str, int]:
    """The new version, its reason, and the number of the version that was looked at. Raises InvalidInput."""
    n = given.count(form, "n")
    if n is None:
        raise InvalidInput("n", "nothing", "the version that was looked at")
    marks = {key: _mark(form, key) for key in before.marks}
    kept = tuple(f for f in before.findings if form.get(f"finding-{f.key}") == "keep")
    return replace(before, marks=marks, findings=kept, remark=_text(form, "remark")), form.get("reason", ""), n


def parse_typed(data: object) -> Content:
    """What a review page sends. Raises InvalidInput."""
    try:
        return parse_content(data)
    except ContentFault as fault:
        raise InvalidInput(fault.where, fault.wrong) from fault


def _mark(form: Mapping[str, str], key: uuid.UUID) -> DraftMark:
    remark = _text(form, f"remark-{key}")
    if form.get(f"left-out-{key}") == "yes":
        return DraftMark(remark=remark, not_applicable=True)
    return DraftMark(given.count(form, f"points-{key}", 100), form.get(f"failed-{key}") == "yes", remark)


def _text(form: Mapping[str, str], name: str) -> str:
    return parse_typed({"remark": form.get(name, "")}).remark
