"""How assessments are spoken of on the screen."""

from collections.abc import Mapping, Sequence

from supervision.assessment.queries import Assessed
from supervision.assessment.rules import LEAST_FOR_MEAN, Figure, Tally, WeightFault, Weights
from web.language import gettext

NOTHING = "–"


def figure(value: Figure) -> str:
    """What is counted."""
    return {
        Figure.SCORE: gettext("Mean score"),
        Figure.RINGS: gettext("Within three rings"),
        Figure.FINDINGS: gettext("Findings"),
        Figure.COMMENDATIONS: gettext("Commendations"),
        Figure.DISCIPLINE: gettext("Discipline"),
        Figure.COMPLAINTS: gettext("Complaints upheld"),
        Figure.QUOTAS: gettext("Quotas kept"),
        Figure.RECTIFICATIONS: gettext("Rectifications in time"),
    }[value]


def amount(value: Figure, tally: Tally) -> str:
    """A figure as it is read: a mean, a share, or a number."""
    mean = tally.mean
    if value is Figure.SCORE:
        return NOTHING if mean is None else f"{mean:.1f}"
    if value in {Figure.RINGS, Figure.QUOTAS, Figure.RECTIFICATIONS}:
        return NOTHING if mean is None else f"{100 * mean:.1f} %"
    return str(tally.n)


def basis(value: Figure, tally: Tally, evaluated: int | None = None) -> str:
    """What it is worked out from. `evaluated`: how many calls were, against which findings are weighed."""
    if value is Figure.FINDINGS and evaluated is not None:
        return gettext("%(n)s in %(evaluated)s evaluated calls", n=tally.n, evaluated=evaluated)
    if value is Figure.SCORE:
        return gettext("%(total)s points in %(n)s evaluations", total=tally.total, n=tally.n)
    if value in {Figure.RINGS, Figure.QUOTAS, Figure.RECTIFICATIONS}:
        return gettext("%(total)s of %(n)s", total=tally.total, n=tally.n)
    if value in {Figure.COMMENDATIONS, Figure.DISCIPLINE}:
        return gettext("%(total)s points in %(n)s records", total=tally.total, n=tally.n)
    return str(tally.n)


def together(value: Figure, tally: Tally) -> str:
    """What the entries of a figure come to, and what that is worked out from unless it is the same."""
    shown, from_what = amount(value, tally), basis(value, tally)
    if shown == from_what:
        return gettext("Together: %(amount)s", amount=shown)
    return gettext("Together: %(amount)s (%(basis)s)", amount=shown, basis=from_what)


def mean(one: Assessed) -> str:
    """The mean score, with how far it may be from that of all calls."""
    shown, width = amount(Figure.SCORE, one.tally(Figure.SCORE)), one.half_width
    return shown if width is None else f"{shown} ± {width:.1f}"


def points(value: float | None) -> str:
    """Points to a tenth."""
    return NOTHING if value is None else f"{value:.1f}".replace("-", "−")


def value(which: Figure, number: int) -> str:
    """What one entry says."""
    if which is Figure.RINGS:
        return gettext("in time") if number else gettext("late")
    if which is Figure.QUOTAS:
        return gettext("kept") if number else gettext("not kept")
    if which is Figure.RECTIFICATIONS:
        return gettext("in time") if number else gettext("late")
    return str(number)


def standing(*, closed: bool, still_open: bool) -> str:
    """Whether the figures of a period still change."""
    if closed and not still_open:
        return gettext("Closed. What changed since is shown as a correction.")
    if closed:
        return gettext("Closed in part: the figures of the open months still change.")
    return gettext("Open: the figures still change until the head closes the month.")


def how_sure(given: Weights) -> str:
    """What the limits of a mean score mean, and what a place in the ranking needs."""
    return gettext(
        "The mean score is that of a sample: with ± the true mean of all calls lies within these limits in 95 of "
        "100 cases. Two whose limits overlap cannot be told apart by it. A place in the ranking needs %(calls)s "
        "answered and %(evaluated)s evaluated calls.",
        calls=given.least_calls,
        evaluated=given.least_evaluated,
    )


def weighed(given: Weights) -> Sequence[tuple[str, int]]:
    """What each weighs, by its name."""
    numbers = {**vars(given), "finding_points": given.finding, "complaint_points": given.complaint}
    return [(name, numbers[field]) for field, name in weights().items()]


def weights() -> Mapping[str, str]:
    """What each weight is called, by its field."""
    return {
        "score": gettext("Mean score, share"),
        "rings": gettext("Within three rings, share"),
        "quotas": gettext("Quotas kept, share (offices only)"),
        "rectifications": gettext("Rectifications in time, share (offices only)"),
        "finding_points": gettext("Points off for one finding in ten evaluated calls"),
        "complaint_points": gettext("Points off for each upheld complaint"),
        "least_calls": gettext("Ranking: answered calls at least"),
        "least_evaluated": gettext("Ranking: evaluated calls at least"),
    }


def fields() -> Mapping[str, str]:
    """What the screen calls the fields of its forms and addresses."""
    return {
        **weights(),
        "figure": gettext("Figure"),
        "of": gettext("Of whom"),
        "period": gettext("Period assessed"),
    }


def refusals() -> Mapping[str, str]:
    """Why something cannot be done about assessments."""
    return {
        "assessment_not_yet": gettext(
            "A month is closed from the 16th of the next one on, when headquarters' draw of it is due."
        ),
        "assessment_closed_already": gettext("The month is closed already."),
        "assessment_month_closed": gettext("That month, or a later one, is closed: its weights stay."),
    }


def faults() -> Mapping[tuple[str, str], str]:
    """What is wrong with weights, by the field and the word of the refusal."""
    return {
        (WeightFault.SCORE, "out_of_bounds"): gettext(
            "The four shares must come to 100 together, and score and rings must not both be left out."
        ),
        (WeightFault.FINDING, "out_of_bounds"): gettext("Points off: from 0 to 100."),
        (WeightFault.COMPLAINT, "out_of_bounds"): gettext("Points off: from 0 to 100."),
        (WeightFault.LEAST_CALLS, "out_of_bounds"): gettext("A ranking needs at least one answered call."),
        (WeightFault.LEAST_EVALUATED, "out_of_bounds"): gettext(
            "A ranking needs at least %(number)s evaluated calls.", number=LEAST_FOR_MEAN
        ),
    }
