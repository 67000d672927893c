"""Texts on the screen about the figures about reviewers."""

from supervision.evaluations.rules import Figures
from web.language import gettext

FIGURES = ("drift", "severity", "heard_share", "waited_s")


def by(value: str) -> str:
    """What the rows are."""
    return {"office": gettext("By office"), "reviewer": gettext("By reviewer")}[value]


def row(value: str) -> str:
    """What one row is."""
    return {"office": gettext("Office"), "reviewer": gettext("Reviewer")}[value]


def unit(figure: str) -> str:
    """What a figure is counted in."""
    return {"heard_share": "%", "waited_s": gettext("days")}.get(figure, gettext("points"))


def figure(value: str) -> str:
    """The name of a figure."""
    return {
        "drift": gettext("Office minus headquarters"),
        "severity": gettext("Severity"),
        "heard_share": gettext("Share heard"),
        "waited_s": gettext("From draw to review"),
    }[value]


def explained(value: str) -> str:
    """What a figure means, in a sentence."""
    return {
        "drift": gettext(
            "Mean of the first score minus the blind second one, in points. Above 0: milder than headquarters."
        ),
        "severity": gettext(
            "Mean score of all others minus this one's, in points. Above 0: harder than the others."
        ),
        "heard_share": gettext("Mean share of a call that its reviewer heard, as the server measured it."),
        "waited_s": gettext("Half of the drawn calls were reviewed in less time than this."),
    }[value]


def value_of(figures: Figures, name: str) -> float | None:
    """One figure of a row."""
    return {
        "drift": figures.drift,
        "severity": figures.severity,
        "heard_share": figures.heard_share,
        "waited_s": figures.waited_s,
    }[name]


def written(name: str, value: float | None) -> str:
    """A figure as it is written."""
    if value is None:
        return "–"
    if name == "heard_share":
        return f"{value:.0%}"
    if name == "waited_s":
        return gettext("%(days)s d", days=f"{value / 86400:.1f}")
    return f"{value:+.1f}".replace("-", "−")
