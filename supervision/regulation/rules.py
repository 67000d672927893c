"""Versions of a document that binds people: a draft, one in force, and those before it (domain rule 7; S7)."""

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

LONGEST_TITLE = 100
LONGEST_CHAPTER = 60
LONGEST_CLAUSE = 2000
MOST_CLAUSES = 200


class VersionState(enum.StrEnum):
    """Where a version stands: draft → in force → retired."""

    DRAFT = "draft"
    IN_FORCE = "in_force"
    RETIRED = "retired"


MOVES: Mapping[VersionState, frozenset[VersionState]] = MappingProxyType(
    {
        VersionState.DRAFT: frozenset({VersionState.IN_FORCE}),
        VersionState.IN_FORCE: frozenset({VersionState.RETIRED}),
        VersionState.RETIRED: frozenset(),
    }
)


def may_move(old: VersionState, new: VersionState) -> bool:
    """Whether a version may go from one state to the other; what was once in force never becomes a draft."""
    return new in MOVES[old]


@dataclass(frozen=True)
class ClauseText:
    """One clause as it is written: its chapter and its text; its number is its place."""

    chapter: str
    text: str


class RegulationFault(enum.StrEnum):
    """Why a draft cannot come into force."""

    NO_TITLE = "no_title"
    NO_CLAUSES = "no_clauses"
    EMPTY_CLAUSE = "empty_clause"
    TOO_LONG = "too_long"


def regulation_fault(title: str, clauses: Sequence[ClauseText]) -> RegulationFault | None:
    """What keeps a draft from coming into force, or None."""
    if not title.strip():
        return RegulationFault.NO_TITLE
    if not clauses:
        return RegulationFault.NO_CLAUSES
    if any(not clause.text.strip() or not clause.chapter.strip() for clause in clauses):
        return RegulationFault.EMPTY_CLAUSE
    too_long = len(title) > LONGEST_TITLE or len(clauses) > MOST_CLAUSES
    if too_long or any(len(c.text) > LONGEST_CLAUSE or len(c.chapter) > LONGEST_CHAPTER for c in clauses):
        return RegulationFault.TOO_LONG
    return None
