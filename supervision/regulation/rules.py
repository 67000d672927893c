"""Versions of a document that binds people: a draft, one in force, and those before it (domain rule 7; S7)."""

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

LONGEST_TITLE = 100
LONGEST_CHAPTER = 60
LONGEST_CLAUSE = 2000
MOST_CLAUSES = 200
LONGEST_CONSEQUENCE = 40
MOST_CONSEQUENCES = 40
MOST_POINTS = 100


class Side(enum.StrEnum):
    """Whether something befalls a person for what he did badly, or for what he did well."""

    DISCIPLINE = "discipline"
    COMMENDATION = "commendation"


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


@dataclass(frozen=True)
class ConsequenceText:
    """A kind of discipline or commendation as it is written, with the points that it takes or gives."""

    side: Side
    name: str
    points: int


class RegulationFault(enum.StrEnum):
    """Why a draft cannot come into force."""

    NO_TITLE = "no_title"
    NO_CLAUSES = "no_clauses"
    EMPTY_CLAUSE = "empty_clause"
    TOO_LONG = "too_long"
    CONSEQUENCE_TWICE = "consequence_twice"
    TOO_MANY_POINTS = "too_many_points"


def consequence_fault(consequences: Sequence[ConsequenceText]) -> RegulationFault | None:
    """What is wrong with the table of kinds and points, or None. A regulation may have none."""
    names = [(one.side, one.name) for one in consequences]
    if len(names) > MOST_CONSEQUENCES or any(not 0 < len(name) <= LONGEST_CONSEQUENCE for _, name in names):
        return RegulationFault.TOO_LONG
    if len(set(names)) < len(names):
        return RegulationFault.CONSEQUENCE_TWICE
    fit = all(0 <= one.points <= MOST_POINTS for one in consequences)
    return None if fit else RegulationFault.TOO_MANY_POINTS


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
