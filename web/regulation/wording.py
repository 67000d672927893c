"""Texts on the screen about versions of regulation and scorecards."""

from supervision.errors import InvalidInput
from supervision.regulation.rules import MOST_POINTS, RegulationFault, Side, VersionState
from supervision.scorecards.rules import LOWEST_HEARD_PERCENT, CardFault
from web import wording as site
from web.language import gettext


def state(value: VersionState) -> tuple[str, str]:
    """Where a version stands, and the tone of its badge."""
    return {
        VersionState.DRAFT: (gettext("Draft"), "warn"),
        VersionState.IN_FORCE: (gettext("In force"), "good"),
        VersionState.RETIRED: (gettext("Retired"), ""),
    }[value]


def side(value: Side) -> str:
    """Discipline or commendation."""
    return {Side.DISCIPLINE: gettext("Discipline record"), Side.COMMENDATION: gettext("Commendation")}[value]


def card_fault(value: CardFault | None) -> str:
    """What a scorecard lacks, in a sentence; empty where it is whole."""
    return fault(InvalidInput("criteria", value.value)) if value else ""


def fault(error: Exception) -> str:
    """What is wrong with a draft, in a sentence."""
    known = {
        RegulationFault.NO_TITLE: gettext("Give the document a title."),
        RegulationFault.NO_CLAUSES: gettext("Write at least one clause."),
        RegulationFault.EMPTY_CLAUSE: gettext("Each clause needs a chapter and a text."),
        RegulationFault.TOO_LONG: gettext("Something is too long."),
        RegulationFault.CONSEQUENCE_TWICE: gettext("A kind of discipline or commendation stands there twice."),
        RegulationFault.TOO_MANY_POINTS: gettext("At most %(number)s points for one kind.", number=MOST_POINTS),
        CardFault.NO_CRITERIA: gettext("Write at least one criterion."),
        CardFault.NAME_MISSING: gettext("Each criterion needs a name."),
        CardFault.NOTHING_APPLIES: gettext("One criterion at least must apply to every call."),
        CardFault.WEIGHTS_NOT_WHOLE: gettext("The weights must add up to 100, each at least 1."),
        CardFault.GRADES_NOT_IN_ORDER: gettext("The grades must begin in order: pass, good, excellent."),
        CardFault.SHARE_TOO_LOW: gettext(
            "At least %(percent)s %% of a call must be heard; nobody can lower that.", percent=LOWEST_HEARD_PERCENT
        ),
    }
    if isinstance(error, InvalidInput):
        if error.where == "clauses" and error.right:
            return gettext("There is no clause %(n)s in the regulation in force.", n=error.wrong)
        if error.where == "consequences" and error.wrong in {"unknown_heading", "not_a_kind"}:
            return gettext("This line of the kinds cannot be read: %(line)s", line=error.right)
        if error.wrong == "empty_chapter":
            return gettext(
                "The chapter “%(name)s” has no clause yet: write one, or take the chapter out.", name=error.right
            )
        return {str(one): text for one, text in known.items()}.get(error.wrong) or site.refusal(error)
    return site.refusal(error)
