"""Assessments on paper: the list of a period, and the sheet of one person or office with its corrections."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from supervision.actor import Actor
from supervision.assessment.queries import Assessed, Wanted
from supervision.assessment.rules import OF_OFFICES, Entry, Figure
from web.assessment import wording
from web.design.documents import make_document
from web.language import gettext


@dataclass(frozen=True)
class Paper:
    """What both have in common: of what, under which number, by whom, and whether the figures still change."""

    wanted: Wanted
    number: str
    actor: Actor
    standing: str

    @property
    def figures(self) -> Sequence[Figure]:
        """Those that there are of offices, or of people."""
        return [one for one in Figure if self.wanted.offices or one not in OF_OFFICES]


def list_as_pdf(paper: Paper, rows: Sequence[Assessed], names: Mapping[str, str]) -> bytes:
    """Everybody's figures of a period, in the order of the ranking."""
    period = paper.wanted.period.name
    return make_document(
        "assessment/list.html",
        title=gettext("Assessment of offices, %(period)s", period=period)
        if paper.wanted.offices
        else gettext("Assessment of people, %(period)s", period=period),
        number=paper.number,
        at=paper.wanted.at,
        made=paper,
        rows=rows,
        names=names,
        wording=wording,
    )


def sheet_as_pdf(
    paper: Paper, one: Assessed, name: str, corrected: Sequence[Entry], people: Mapping[uuid.UUID, str]
) -> bytes:
    """One's figures of a period, what each is worked out from, and what was corrected after it was closed."""
    return make_document(
        "assessment/sheet.html",
        title=gettext("Assessment of %(name)s, %(period)s", name=name, period=paper.wanted.period.name),
        number=paper.number,
        at=paper.wanted.at,
        made=paper,
        one=one,
        name=name,
        corrected=corrected,
        people=people,
        wording=wording,
    )
