"""What is handed over, in words."""

import uuid
from collections.abc import Mapping

from flask import url_for

from supervision.evaluations.rules import Category
from supervision.handover.models import Handover
from supervision.handover.rules import Held, HeldKind, Reason
from web.evaluations import wording as evaluation_wording
from web.language import gettext


def kind(one: HeldKind) -> str:
    """What kind of thing it is."""
    return {
        HeldKind.MEASURE: gettext("Measure for an early sign"),
        HeldKind.NOTICE: gettext("Rectification"),
        HeldKind.COMPLAINT: gettext("Complaint"),
    }[one]


def name(one: Held | Handover) -> str:
    """Which one of its kind."""
    return evaluation_wording.category(Category(one.name)) if one.kind is HeldKind.MEASURE else one.name


def address(one: Held) -> str:
    """Where it is."""
    return {
        HeldKind.MEASURE: lambda: url_for("early_signs.show", sign_id=one.id),
        HeldKind.COMPLAINT: lambda: url_for("complaints.show", complaint_id=one.id),
        HeldKind.NOTICE: lambda: url_for("rectification.show", rectification_id=one.id),
    }[one.kind]()


def reason(one: Reason) -> str:
    """Why somebody else takes over."""
    return {
        Reason.LEFT: gettext("Has left"),
        Reason.ILL: gettext("Is ill or on leave"),
        Reason.MOVED: gettext("Has another office or another task"),
        Reason.OTHER: gettext("Another reason"),
    }[one]


def reasons() -> list[tuple[str, str]]:
    """All reasons, as a form offers them."""
    return [(one.value, reason(one)) for one in Reason]


def takers(held: Held, names: Mapping[uuid.UUID, str]) -> str:
    """Who could take it."""
    return gettext(", ").join(found for key, found in names.items() if key in held.takers and key != held.holder)
