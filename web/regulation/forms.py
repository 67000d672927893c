"""The text of a draft, as the head writes it: one field, chapters marked, one line a clause."""

from collections.abc import Mapping, Sequence

from supervision.errors import InvalidInput
from supervision.regulation.models import Clause
from supervision.regulation.rules import ClauseText
from web import arguments as given

CHAPTER_MARK = "#"
LONGEST = 100_000


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
