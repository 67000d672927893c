"""What the page of one desk shows."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from supervision.actor import Scope
from supervision.calls.queries import office_names
from supervision.clock import now
from supervision.offices.models import Desk
from supervision.offices.rules import Sitting, sits_at
from supervision.offices.seating import get_desk, people_for, timeline_of
from supervision.people.models import Account
from supervision.people.queries import names_of
from web.people_copy import people_are_copied

SHOWN_AT_MOST = 200


@dataclass(frozen=True)
class DeskPage:
    """One desk with its timeline, the latest first, and those who may sit there."""

    desk: Desk
    office_name: str
    timeline: Sequence[Sitting]
    names: dict[uuid.UUID, str]
    sits: Sitting | None
    people: Sequence[Account]
    copied: bool
    more: int

    def is_now(self, one: Sitting) -> bool:
        """Whether that is who sits there at this moment."""
        return one is self.sits

    def is_to_come(self, one: Sitting) -> bool:
        """Whether that has not begun yet."""
        return one.since_at > now()


def gather_desk(session: Session, scope: Scope, desk_id: uuid.UUID) -> DeskPage:
    """The page of one desk. Raises NotFound."""
    desk = get_desk(session, scope, desk_id)
    timeline = timeline_of(session, desk_id)
    latest = timeline[::-1][:SHOWN_AT_MOST]
    names = office_names(session, [desk.office_code])
    return DeskPage(
        desk=desk,
        office_name=names.get(desk.office_code, desk.office_code),
        timeline=latest,
        names=names_of(session, [one.account_id for one in latest]),
        sits=sits_at(timeline, now()),
        people=people_for(session, desk.office_code),
        copied=people_are_copied(),
        more=len(timeline) - len(latest),
    )
