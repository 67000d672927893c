"""The text of a draft, as the head writes it: one field, chapters marked, one line a clause."""

import re
from collections.abc import Mapping, Sequence

from supervision.errors import InvalidInput
from supervision.regulation.models import Clause, Consequence
from supervision.regulation.rules import ClauseText, ConsequenceText, Side
from web import arguments as given

CHAPTER_MARK = "#"
LONGEST = 100_000
SIDES = {"责任追究": Side.DISCIPLINE, "表彰奖励": Side.COMMENDATION}
_KIND = re.compile(r"(?P<name>.+?)\s*[:：]\s*(?P<points>[0-9]{1,6})")


def parse_consequences(form: Mapping[str, str]) -> list[ConsequenceText] | None:
    """The table of kinds: under each of the two headings one line a kind. None where it is not in the form."""
    if "consequences" not in form:
        return None
    text = form["consequences"]
    if len(text) > LONGEST:
        raise InvalidInput("consequences", "too_long")
    side, found = None, []
    for line in (one.strip() for one in text.splitlines() if one.strip()):
        if line.startswith(CHAPTER_MARK):
            side = SIDES.get(line.removeprefix(CHAPTER_MARK).strip())
            if side is None:
                raise InvalidInput("consequences", "unknown_heading", line)
            continue
        kind = _KIND.fullmatch(line)
        if side is None or kind is None:
            raise InvalidInput("consequences", "not_a_kind", line)
        found.append(ConsequenceText(side, kind["name"], int(kind["points"])))
    return found


def consequences_of(consequences: Sequence[Consequence]) -> str:
    """The same the other way round."""
    lines: list[str] = []
    for heading, side in SIDES.items():
        lines += ["", f"{CHAPTER_MARK} {heading}"] if lines else [f"{CHAPTER_MARK} {heading}"]
        lines += [f"{one.name}：{one.points}" for one in consequences if one.side is side]
    return "\n".join(lines)


def parse_regulation(form: Mapping[str, str]) -> tuple[str, list[ClauseText], int]:
    """Title, clauses and the version that was looked at. Raises InvalidInput."""
    version = given.count(form, "version")
    if version is None:
        raise InvalidInput("version", "nothing", "the version that was looked at")
    return form.get("title", "").strip(), parse_text(form.get("text", "")), version


def parse_text(text: str) -> list[ClauseText]:
    """A line that begins with # is a chapter; every other line that is not empty is a clause of it."""
    if len(text) > LONGEST:
        raise InvalidInput("text", "too_long")
    chapter, clauses, empty = "", [], False
    for line in (one.strip() for one in text.splitlines()):
        if line.startswith(CHAPTER_MARK):
            if empty:
                break
            chapter, empty = line.removeprefix(CHAPTER_MARK).strip(), True
        elif line:
            clauses.append(ClauseText(chapter, line))
            empty = False
    if empty:  # it would be dropped
        raise InvalidInput("text", "empty_chapter", chapter)
    return clauses


def text_of(clauses: Sequence[Clause]) -> str:
    """The same the other way round."""
    lines: list[str] = []
    chapter = ""
    for clause in clauses:
        if clause.chapter != chapter:
            chapter = clause.chapter
            lines += ["", f"{CHAPTER_MARK} {chapter}"] if lines else [f"{CHAPTER_MARK} {chapter}"]
        lines.append(clause.text)
    return "\n".join(lines)
