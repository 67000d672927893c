"""The copy of its people on an office's node: whether it may be used, and that headquarters confirmed it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from supervision.errors import Refused
from supervision.people.copy_rules import CopyState, copy_state, sign_ins_end_at
from supervision.people.models import PeopleCopy
from supervision.settings import Settings

NOTED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True)
class CopyStanding:
    """How a machine's accounts stand, and until when its signed-in sessions could last at most."""

    state: CopyState
    confirmed_at: datetime | None = None
    ended_at: datetime | None = None

    @property
    def usable(self) -> bool:
        """Whether anybody can sign in at all."""
        return self.ended_at is None


def standing(session: Session, settings: Settings, at: datetime) -> CopyStanding:
    """How the accounts of this machine stand. Needs only reading."""
    if not settings.people_from_hq:
        return CopyStanding(CopyState.OWN)
    confirmed_at = session.scalar(
        select(PeopleCopy.confirmed_at).order_by(PeopleCopy.confirmed_at.desc()).limit(1)
    )
    state = copy_state(True, confirmed_at, at)
    return CopyStanding(state, confirmed_at, sign_ins_end_at(state, confirmed_at, at))


def refuse_without_copy(session: Session, settings: Settings, at: datetime) -> None:
    """Raise Refused where nobody may sign in, since this node has no copy of its people that holds."""
    found = standing(session, settings, at)
    if not found.usable:
        raise Refused(f"people_copy_{found.state}")


def refuse_where_copied(settings: Settings) -> None:
    """Raise Refused on a node whose people are headquarters': nothing about them is changed here."""
    if settings.people_from_hq:
        raise Refused("people_at_hq")


def held_etag(session: Session, office_code: str) -> str:
    """Which copy this node holds; empty if none."""
    return session.scalar(select(PeopleCopy.etag).where(PeopleCopy.office_code == office_code)) or ""


def is_noted(session: Session, office_code: str, at: datetime) -> bool:
    """Whether the copy was confirmed so lately that it need not be written down again. Needs only reading."""
    confirmed_at = session.scalar(select(PeopleCopy.confirmed_at).where(PeopleCopy.office_code == office_code))
    return confirmed_at is not None and timedelta(0) <= at - confirmed_at < NOTED_EVERY


def note_confirmed(session: Session, office_code: str, etag: str, at: datetime) -> None:
    """Note that headquarters says that this copy is right."""
    copy = session.get(PeopleCopy, office_code, with_for_update=True)
    if copy is None or copy.etag != etag:
        copy = session.merge(PeopleCopy(office_code=office_code, etag=etag, changed_at=at, confirmed_at=at))
    copy.confirmed_at = at
    session.flush()
