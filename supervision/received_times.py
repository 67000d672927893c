"""Times that an office sends: which of them are possible, and what is stored instead of those that are not.

A clock may say anything, and whoever has an office's certificate may, too. What lies outside of 2020 … a day after
its receipt is a fault of that office: the fact is refused. Only an answered call never is (draw.md, 2): there the
time of receipt stands for what cannot be.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, ValidationInfo

EARLIEST = datetime(2020, 1, 1, tzinfo=UTC)  # no call of ours began before
AHEAD = timedelta(days=1)


@dataclass
class Receipt:
    """When something came from an office: the context in which its moments are parsed.

    `said_at`: when it was written, by the office's clock. With `replaces` the time of receipt stands for a moment
    that cannot be, whose name is added to `replaced`; without it the whole is refused.
    """

    at: datetime
    said_at: datetime | None = None
    replaces: bool = False
    replaced: list[str] = field(default_factory=list)

    @property
    def written_at(self) -> datetime:
        """When it was written, as far as that can be."""
        return self.said_at if self.said_at is not None and can_be(self.said_at, self.at) else self.at


def can_be(moment: datetime, received_at: datetime) -> bool:
    """Whether something that came then can be of that moment."""
    return EARLIEST <= moment <= received_at + AHEAD


def _parsed(moment: datetime, info: ValidationInfo) -> datetime:
    receipt = info.context
    if not isinstance(receipt, Receipt):
        return moment  # our own word, on its way out
    if can_be(moment, receipt.at):
        return moment.astimezone(UTC)
    if not receipt.replaces:
        raise ValueError(f"a time that cannot be: before {EARLIEST:%Y}, or more than a day to come")
    receipt.replaced.append(str(info.field_name))
    return receipt.at


Moment = Annotated[AwareDatetime, AfterValidator(_parsed)]
