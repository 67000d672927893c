"""A scorecard as its editor sends it, parsed."""

import re
from collections.abc import Mapping

from werkzeug.datastructures import MultiDict

from supervision.errors import InvalidInput
from supervision.scorecards.rules import LONGEST_GUIDE, MOST_CRITERIA, Card, CriterionText, Grades
from web import arguments as given

ROW = ("name", "weight", "guide", "critical", "optional", "reasonless", "clauses")


def typed_fields(form: MultiDict[str, str]) -> dict[str, str]:
    """What was typed, field by field; the clauses that were chosen for a criterion as one text, as `fields_of`."""
    return {name: ", ".join(form.getlist(name)) for name in form}


def parse_card(form: Mapping[str, str]) -> tuple[Card, int]:
    """The card, and the version of the draft that was looked at. Raises InvalidInput."""
    version = given.count(form, "version")
    if version is None:
        raise InvalidInput("version", "nothing", "the version that was looked at")
    rows = (_criterion(form, n) for n in range(1, MOST_CRITERIA + 1))
    card = Card(
        title=form.get("title", "").strip(),
        criteria=tuple(row for row in rows if row is not None),
        grades=Grades(_number(form, "excellent_from"), _number(form, "good_from"), _number(form, "pass_from")),
        heard_percent=_number(form, "heard_percent"),
        whole_under_s=_number(form, "whole_under_s", 3600),
    )
    return card, version


def fields_of(card: Card) -> dict[str, str]:
    """The fields of the editor as they are for a stored card; rows that it does not have are empty."""
    fields = {
        "title": card.title,
        "excellent_from": str(card.grades.excellent_from),
        "good_from": str(card.grades.good_from),
        "pass_from": str(card.grades.pass_from),
        "heard_percent": str(card.heard_percent),
        "whole_under_s": str(card.whole_under_s),
    }
    for n in range(1, MOST_CRITERIA + 1):
        one = card.criteria[n - 1] if n <= len(card.criteria) else None
        fields |= {
            f"name-{n}": one.name if one else "",
            f"weight-{n}": str(one.weight) if one else "",
            f"guide-{n}": one.guide if one else "",
            f"critical-{n}": one.critical if one else "",
            f"optional-{n}": "yes" if one and one.may_not_apply else "",
            f"reasonless-{n}": "yes" if one and one.needs_no_reason else "",
            f"clauses-{n}": ", ".join(str(number) for number in one.clause_ns) if one else "",
        }
    return fields


def chosen(text: str) -> set[str]:
    """The clauses of a row of the editor, out of its text."""
    return set(_parts(text))


def last_row(typed: Mapping[str, str]) -> int:
    """The last row of the editor in which anything was typed."""
    return max((n for n in range(1, MOST_CRITERIA + 1) if any(typed.get(f"{one}-{n}") for one in ROW)), default=0)


def sum_of(fields: Mapping[str, str]) -> int:
    """What the weights come to, as far as they are numbers."""
    weights = (fields.get(f"weight-{n}", "").strip() for n in range(1, MOST_CRITERIA + 1))
    return sum(int(one) for one in weights if one.isascii() and one.isdigit() and len(one) < 4)


def differing(stored: Mapping[str, str], typed: Mapping[str, str]) -> dict[str, str]:
    """What is stored in each field in which something else was typed."""
    return {name: value for name, value in stored.items() if typed.get(name, "").strip() != value}


def _criterion(form: Mapping[str, str], n: int) -> CriterionText | None:
    """One row; None where all of it is empty, which is how one is left out."""
    if not any(form.get(f"{one}-{n}", "").strip() for one in ROW):
        return None
    return CriterionText(
        name=form.get(f"name-{n}", "").strip(),
        guide=_text(form, f"guide-{n}"),
        weight=given.count(form, f"weight-{n}", 100) or 0,
        critical=_text(form, f"critical-{n}"),
        clause_ns=_numbers(form, f"clauses-{n}"),
        may_not_apply=form.get(f"optional-{n}") == "yes",
        needs_no_reason=form.get(f"reasonless-{n}") == "yes",
    )


def _text(form: Mapping[str, str], name: str) -> str:
    text = " ".join(form.get(name, "").split())
    if len(text) > LONGEST_GUIDE:
        raise InvalidInput(name, "too_long")
    return text


def _number(form: Mapping[str, str], name: str, largest: int = 100) -> int:
    found = given.count(form, name, largest)
    if found is None:
        raise InvalidInput(name, "missing")
    return found


def _numbers(form: Mapping[str, str], name: str) -> tuple[int, ...]:
    parts = _parts(form.get(name, ""))
    if any(not (part.isascii() and part.isdigit() and len(part) < 4) for part in parts):
        raise InvalidInput("clauses", form.get(name, "")[:40], "numbers of clauses")
    return tuple(sorted({int(part) for part in parts}))


def _parts(text: str) -> list[str]:
    return [part for part in re.split(r"[\s,，、]+", text.strip()) if part]
