"""Texts on the screen about early signs."""

from supervision.early_signs.models import EarlySign
from supervision.early_signs.queries import By
from supervision.early_signs.rules import SignState
from web.language import gettext

_RAREST = 1e-9


def state(value: SignState) -> tuple[str, str]:
    """Where a sign stands, and the tone of its badge."""
    return {
        SignState.OPEN: (gettext("To be decided"), "warn"),
        SignState.MEASURE: (gettext("Measure under way"), "info"),
        SignState.DONE: (gettext("Done"), "good"),
        SignState.DISMISSED: (gettext("Dismissed"), ""),
    }[value]


def by(value: By) -> str:
    """By what findings are counted."""
    return {By.CATEGORY: gettext("Category"), By.OFFICE: gettext("Office"), By.PERSON: gettext("Person")}[value]


def _odds(chance: float) -> str:
    """Once in how many times; a number that nobody reads is not written out."""
    return f"{round(1 / chance, -3):,.0f}" if chance > _RAREST else f"{1 / _RAREST:,.0f}+"


def figures(sign: EarlySign) -> str:
    """What was seen, in a sentence."""
    return gettext(
        "In %(found)s of %(calls)s evaluated calls (%(share)s %%), before in %(found_before)s of %(before)s "
        "(%(share_before)s %%); by chance once in %(odds)s times.",
        found=sign.window_found,
        calls=sign.window_calls,
        share=round(100 * sign.span.window.share, 1),
        found_before=sign.before_found,
        before=sign.before_calls,
        share_before=round(100 * sign.span.before.share, 1),
        odds=_odds(sign.chance),
    )
