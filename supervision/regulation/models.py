"""The regulation's versions, their clauses, and who has confirmed which version."""

import uuid
from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from supervision.clock import now
from supervision.database import Base, enum_of, new_id
from supervision.regulation.rules import LONGEST_CONSEQUENCE, Side, VersionState


class Regulation(Base):
    """One version of the regulation (管理暂行办法). At most one is a draft, at most one in force.

    What was in force is never changed; the next version replaces it. Version 1 came with the system and was
    made by nobody. `version` is what people edit a draft against.
    """

    __tablename__ = "regulations"
    __table_args__ = (
        Index(
            "uq_regulations_draft",
            "state",
            unique=True,
            sqlite_where=text("state = 'draft'"),
            postgresql_where=text("state = 'draft'"),
        ),
        Index(
            "uq_regulations_in_force",
            "state",
            unique=True,
            sqlite_where=text("state = 'in_force'"),
            postgresql_where=text("state = 'in_force'"),
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    n: Mapped[int] = mapped_column(unique=True)
    state: Mapped[VersionState] = mapped_column(enum_of(VersionState), default=VersionState.DRAFT)
    title: Mapped[str] = mapped_column(String(100))
    made_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("accounts.id"))
    made_at: Mapped[datetime] = mapped_column(default=now)
    published_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    clauses: Mapped[list["Clause"]] = relationship(
        back_populates="regulation", order_by="Clause.n", cascade="all, delete-orphan"
    )
    consequences: Mapped[list["Consequence"]] = relationship(
        back_populates="regulation", order_by="Consequence.n", cascade="all, delete-orphan"
    )

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class Clause(Base):
    """One clause (条) of a version; scorecard criteria and findings cite it."""

    __tablename__ = "regulation_clauses"
    __table_args__ = (UniqueConstraint("regulation_id", "n"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    regulation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("regulations.id"))
    n: Mapped[int]
    chapter: Mapped[str] = mapped_column(String(60))
    text: Mapped[str] = mapped_column(String(2000))

    regulation: Mapped[Regulation] = relationship(back_populates="clauses")


class Consequence(Base):
    """A kind of discipline or commendation in a version, with the points that it takes or gives."""

    __tablename__ = "regulation_consequences"
    __table_args__ = (UniqueConstraint("regulation_id", "side", "name"), UniqueConstraint("regulation_id", "n"))

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    regulation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("regulations.id"))
    n: Mapped[int]
    side: Mapped[Side] = mapped_column(enum_of(Side, "consequence_side"))
    name: Mapped[str] = mapped_column(String(LONGEST_CONSEQUENCE))
    points: Mapped[int]

    regulation: Mapped[Regulation] = relationship(back_populates="consequences")


class Confirmation(Base):
    """A person's word that he has read a version (domain rule 7). Given once, never taken back."""

    __tablename__ = "regulation_confirmations"

    regulation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("regulations.id"), primary_key=True)
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    at: Mapped[datetime] = mapped_column(default=now)
