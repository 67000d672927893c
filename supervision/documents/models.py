"""The last number that was given to each kind of document in each year."""

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from supervision.database import Base, enum_of
from supervision.documents.rules import DocumentKind


class DocumentCounter(Base):
    """One kind and year. What has a register of its own (rectifications, discipline records) counts there."""

    __tablename__ = "document_counters"
    __table_args__ = (CheckConstraint("last >= 1", name="from_one"),)

    kind: Mapped[DocumentKind] = mapped_column(enum_of(DocumentKind, checked=False), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int]
