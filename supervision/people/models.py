"""Accounts and their signed-in sessions."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from supervision.actor import Role
from supervision.clock import now
from supervision.database import Base, enum_of, new_id
from supervision.people.reset_rules import is_guarded
from supervision.people.rules import ADMINISTRATIVE_ROLES


class Account(Base):
    """One person: a role, and an office for those who belong to one.

    An officer may be known (sits at a desk) before he is given a password; then nobody can sign in as him.
    `administered_as` is the one administrative role that the account ever held: it may hold no other (三员分立).
    `guarded`: it has held a role of which nobody alone resets the password, and stays so. `established_at`: since
    when it has its role. `password_ends_at`: a password that was reset must be changed until then. `barred_until`:
    until then it does nothing of `reset_rules.BARRED_ACTS`. `version` is what people edit against.
    """

    __tablename__ = "accounts"
    __table_args__ = (
        CheckConstraint(
            "(role IN ('officer', 'office_leader')) = (office_code IS NOT NULL)", name="office_of_role"
        ),
        CheckConstraint(
            "role NOT IN ('system_administrator', 'security_administrator', 'auditor')"
            " OR (administered_as IS NOT NULL AND administered_as = role)",
            name="separate_duties",
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    login: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(64))
    role: Mapped[Role] = mapped_column(enum_of(Role))
    administered_as: Mapped[Role | None] = mapped_column(enum_of(Role, "administered_as"))
    office_code: Mapped[str | None] = mapped_column(String(8), index=True)
    password_hash: Mapped[str | None] = mapped_column(String(256))
    must_change_password: Mapped[bool] = mapped_column(default=False)
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(default=now)
    guarded: Mapped[bool] = mapped_column(default=False)
    established_at: Mapped[datetime] = mapped_column(default=now)
    password_ends_at: Mapped[datetime | None]
    barred_until: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012

    @validates("role")
    def _remember_administration(self, _key: str, role: Role) -> Role:
        if role in ADMINISTRATIVE_ROLES and self.administered_as is None:
            self.administered_as = role
        if is_guarded(role):
            self.guarded = True
        return role


class PasswordReset(Base):
    """What two people do to an account: asked for by one, agreed to by another or refused, ended within a day.

    A reset of a guarded account's password; or, where it `grants` one, a guarded role that the account gets, and
    is on with, as soon as the second has agreed. `refusal` is the reason of who refused it; empty where it ended
    because he changed the account otherwise.
    """

    __tablename__ = "password_resets"
    __table_args__ = (
        CheckConstraint("asked_by <> account_id AND agreed_by <> account_id", name="not_by_the_owner"),
        CheckConstraint("agreed_by <> asked_by", name="two_people"),
        CheckConstraint("(agreed_by IS NULL) = (agreed_at IS NULL)", name="agreed_when"),
        CheckConstraint("refused_by IS NULL OR ended_at IS NOT NULL", name="refused_when"),
        Index(
            "uq_password_resets_open",
            "account_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"))
    asked_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"))
    asked_at: Mapped[datetime] = mapped_column(default=now)
    ends_at: Mapped[datetime]
    grants: Mapped[Role | None] = mapped_column(enum_of(Role, "grants"))
    agreed_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("accounts.id"))
    agreed_at: Mapped[datetime | None]
    refused_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("accounts.id"))
    refusal: Mapped[str] = mapped_column(String(200), default="")
    ended_at: Mapped[datetime | None]


class SignIn(Base):
    """One signed-in session of an account, listed to its owner, ended by him or by an administrator."""

    __tablename__ = "sign_ins"
    __table_args__ = (
        Index(
            "ix_sign_ins_open",
            "last_seen_at",
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"), index=True)
    started_at: Mapped[datetime] = mapped_column(default=now)
    last_seen_at: Mapped[datetime] = mapped_column(default=now)
    ended_at: Mapped[datetime | None]
    address: Mapped[str] = mapped_column(String(64))
    agent: Mapped[str] = mapped_column(String(256))

    account: Mapped[Account] = relationship()


class PeopleCopy(Base):
    """On an office's node: which copy of its people it holds, and when headquarters last said that it is right.

    `etag` names what the copy holds. Nobody signs in with a copy that is older than `sign_in_rules.VALID_FOR`.
    """

    __tablename__ = "people_copies"

    office_code: Mapped[str] = mapped_column(String(8), primary_key=True)
    etag: Mapped[str] = mapped_column(String(64))
    changed_at: Mapped[datetime]
    confirmed_at: Mapped[datetime]
