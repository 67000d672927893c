"""What headquarters hands down to an office's node: its people, and who sits at which desk when (decision 19).

A node is given its own people only: officers and leaders of its office, with the hashes of those who may sign in.
Whoever sat at one of its desks and left is named without a hash, so that old calls still say who answered.
"""

import hashlib
import uuid

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from supervision.actor import OFFICE_ROLES, Role
from supervision.offices.models import Desk, DeskAssignment
from supervision.people.models import Account
from supervision.texts import parse_json


class _Handed(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class HandedAccount(_Handed):
    """One person; without a hash nobody signs in as him."""

    id: uuid.UUID
    login: str = Field(min_length=1, max_length=64)
    name: str = Field(min_length=1, max_length=64)
    role: Role
    password_hash: str | None = Field(max_length=256, repr=False)
    must_change_password: bool
    active: bool


class HandedSeat(_Handed):
    """Who sits at a desk, from when until when."""

    id: uuid.UUID
    desk: str = Field(max_length=16)
    account_id: uuid.UUID
    since_at: AwareDatetime
    until_at: AwareDatetime | None


class HandedPeople(_Handed):
    """All that a node is given of its people."""

    office_code: str = Field(max_length=8)
    accounts: tuple[HandedAccount, ...]
    seats: tuple[HandedSeat, ...]

    @property
    def etag(self) -> str:
        """The name of exactly this content."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()


def people_of(session: Session, office_code: str) -> HandedPeople:
    """The people of an office and its desks' assignments, as they stand."""
    seats = session.execute(
        select(DeskAssignment, Desk.extension)
        .join(Desk, Desk.id == DeskAssignment.desk_id)
        .where(Desk.office_code == office_code)
        .order_by(Desk.extension, DeskAssignment.since_at)
    ).all()
    sat = {seat.account_id for seat, _ in seats}
    own = select(Account).where((Account.office_code == office_code) | Account.id.in_(sat))
    return HandedPeople(
        office_code=office_code,
        accounts=tuple(_account(row, office_code) for row in session.scalars(own.order_by(Account.id))),
        seats=tuple(
            HandedSeat(
                id=seat.id,
                desk=extension,
                account_id=seat.account_id,
                since_at=seat.since_at,
                until_at=seat.until_at,
            )
            for seat, extension in seats
        ),
    )


def parse_people(text: bytes) -> HandedPeople:
    """What came over the wire. Raises InvalidInput."""
    return parse_json(HandedPeople, text, "people")


def _account(row: Account, office_code: str) -> HandedAccount:
    here = row.active and row.office_code == office_code and row.role in OFFICE_ROLES
    return HandedAccount(
        id=row.id,
        login=row.login,
        name=row.name,
        role=row.role if row.office_code == office_code else Role.OFFICER,
        password_hash=row.password_hash if here else None,
        must_change_password=here and row.must_change_password,
        active=here,
    )
