"""What a reviewer has written so far, parsed from JSON and written as JSON: a pure rule on plain data.

The same form travels from the page to the draft, from the draft to what is submitted, and back to the page.
"""

import math
import unicodedata
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from supervision.evaluations.rules import Category, FindingKind
from supervision.scorecards.rules import MarkGiven

LONGEST_TEXT = 1000
MOST_FINDINGS = 100
MOST_MARKS = 50
LONGEST_AT_S = 86_400


class ContentFault(ValueError):
    """What was sent is not what a reviewer can write; `where` names the part."""

    def __init__(self, where: str, wrong: str) -> None:
        super().__init__(f"{where}: {wrong}")
        self.where, self.wrong = where, wrong


@dataclass(frozen=True)
class DraftMark:
    """Points for a criterion, none as long as nothing is given, with a remark; or that it does not apply."""

    points: int | None = None
    critical_failed: bool = False
    remark: str = ""
    not_applicable: bool = False


@dataclass(frozen=True)
class DraftFinding:
    """Something noticed at a second of the recording; the key stays with it through every amendment."""

    key: uuid.UUID
    at_s: float
    kind: FindingKind
    category: Category
    text: str = ""
    clause_id: uuid.UUID | None = None


@dataclass(frozen=True)
class Content:
    """All that a reviewer wrote of one call."""

    marks: Mapping[uuid.UUID, DraftMark] = field(default_factory=dict)
    findings: tuple[DraftFinding, ...] = ()
    remark: str = ""

    def given(self) -> dict[uuid.UUID, MarkGiven]:
        """The marks as the score takes them; those without points are not given yet."""
        return {
            key: MarkGiven(mark.points, mark.critical_failed, mark.not_applicable, mark.remark.strip())
            for key, mark in self.marks.items()
        }


def parse_content(data: Any) -> Content:
    """What a page or a stored draft says. Raises ContentFault."""
    if not isinstance(data, dict):
        raise ContentFault("content", "malformed")
    marks, findings = data.get("marks", {}), data.get("findings", [])
    if not isinstance(marks, dict) or len(marks) > MOST_MARKS:
        raise ContentFault("marks", "malformed")
    if not isinstance(findings, list) or len(findings) > MOST_FINDINGS:
        raise ContentFault("findings", "malformed")
    parsed = tuple(_finding(one) for one in findings)
    if len({one.key for one in parsed}) != len(parsed):
        raise ContentFault("findings", "malformed")
    return Content(
        {_uuid("marks", key): _mark(mark) for key, mark in marks.items()}, parsed, _text(data, "remark")
    )


def content_json(content: Content) -> dict[str, Any]:
    """The same as JSON can hold it."""
    return {
        "marks": {
            str(key): {
                "points": m.points,
                "critical_failed": m.critical_failed,
                "remark": m.remark,
                "not_applicable": m.not_applicable,
            }
            for key, m in content.marks.items()
        },
        "findings": [
            {
                "key": str(f.key),
                "at_s": f.at_s,
                "kind": f.kind.value,
                "category": f.category.value,
                "text": f.text,
                "clause_id": str(f.clause_id) if f.clause_id else None,
            }
            for f in content.findings
        ],
        "remark": content.remark,
    }


def _mark(data: Any) -> DraftMark:
    if not isinstance(data, dict):
        raise ContentFault("marks", "malformed")
    points = data.get("points")
    if points is not None and (not isinstance(points, int) or isinstance(points, bool) or not 0 <= points <= 100):
        raise ContentFault("points", str(points)[:40])
    critical_failed, remark = data.get("critical_failed") is True, _text(data, "remark")
    if data.get("not_applicable") is True:  # what was given before is not kept: it would come back unseen
        return DraftMark(None, False, remark, not_applicable=True)
    return DraftMark(points, critical_failed, remark)


def _finding(data: Any) -> DraftFinding:
    if not isinstance(data, dict):
        raise ContentFault("findings", "malformed")
    at_s = data.get("at_s")
    if not isinstance(at_s, int | float) or not math.isfinite(at_s) or not 0 <= at_s <= LONGEST_AT_S:
        raise ContentFault("at_s", str(at_s)[:40])
    try:
        kind, category = FindingKind(data.get("kind", "")), Category(data.get("category", ""))
    except ValueError as error:
        raise ContentFault("findings", "malformed") from error
    clause = data.get("clause_id")
    return DraftFinding(
        _uuid("findings", data.get("key")),
        round(float(at_s), 1),
        kind,
        category,
        _text(data, "text"),
        _uuid("clauses", clause) if clause else None,
    )


def _text(data: Mapping[str, Any], name: str) -> str:
    text = data.get(name, "")
    if not isinstance(text, str):
        raise ContentFault(name, "malformed")
    text = text.replace("\r\n", "\n")
    if len(text) > LONGEST_TEXT:
        raise ContentFault(name, "too_long")
    if any(unicodedata.category(letter) in {"Cc", "Cs"} and letter not in "\t\n" for letter in text):
        raise ContentFault(name, "control_characters")
    return text


def _uuid(where: str, text: Any) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except (ValueError, TypeError, AttributeError) as error:
        raise ContentFault(where, "malformed") from error
