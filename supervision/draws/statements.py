"""What the two parties say to each other about a draw: each says all that it may, every time, so that any message
may be lost or come twice.
"""

import uuid
from datetime import datetime

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError, field_validator

from supervision.draws.protocol_rules import DrawState
from supervision.draws.rules import Entry, Party
from supervision.errors import InvalidInput

HEX = r"^[0-9a-f]{64}$"
DICE = r"^(|[1-6]( [1-6]){0,31})$"
MOST_ENTRIES = 50_000
MOST_DRAWS = 50


class _Said(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SaidEntry(_Said):
    """One line of a list."""

    call: uuid.UUID
    stratum: str = Field(min_length=1, max_length=64, pattern=r"^\S+$")
    audio: str = Field(pattern=r"^([0-9a-f]{64}|-)$")

    @classmethod
    def of(cls, entry: Entry) -> "SaidEntry":
        """A line, as it is sent."""
        return cls(call=uuid.UUID(entry.call_id), stratum=entry.stratum, audio=entry.audio)

    @property
    def entry(self) -> Entry:
        """The line."""
        return Entry(str(self.call), self.stratum, self.audio)


class SaidDice(_Said):
    """Dice, with who saw them thrown and who typed them in."""

    dice: str = Field(pattern=DICE, min_length=1)
    witnesses: tuple[str, ...] = Field(min_length=2, max_length=8)
    typed_by: str = Field(max_length=128)
    at: AwareDatetime

    @field_validator("witnesses")
    @classmethod
    def _two_people(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        named = {one.strip() for one in value}
        if len(named) < 2 or "" in named or any(len(one) > 64 for one in named):
            raise ValueError("two witnesses are needed, each by his name")
        return value


class OfficeSays(_Said):
    """What an office's node says of one draw; `entries` only where its root is not headquarters'."""

    draw: str = Field(max_length=48)
    attempt: int = Field(ge=1, le=1000)
    commitment: str | None = Field(default=None, pattern=HEX)
    dice_wanted: bool = False
    root: str | None = Field(default=None, pattern=HEX)
    entries: tuple[SaidEntry, ...] | None = Field(default=None, max_length=MOST_ENTRIES)
    dice: SaidDice | None = None
    share: str | None = Field(default=None, pattern=HEX)


class OfficeLetter(_Said):
    """All that an office's node says in one request; `follows`: drawn already, how does the work stand?"""

    statements: tuple[OfficeSays, ...] = Field(max_length=MOST_DRAWS)
    follows: tuple[str, ...] = Field(default=(), max_length=MOST_DRAWS)


class Frozen(_Said):
    """The list that headquarters froze: up to which of the office's facts, and its root."""

    epoch: uuid.UUID
    n: int = Field(ge=0)
    at: AwareDatetime
    by_silence: bool
    root: str = Field(pattern=HEX)
    settled_by: str = Field(default="", max_length=128)
    settled_note: str = Field(default="", max_length=1000)
    entries: tuple[SaidEntry, ...] | None = Field(default=None, max_length=MOST_ENTRIES)


class HqSays(_Said):
    """What headquarters says of one draw. `withheld_by`: who ended the attempt before this one."""

    draw: str = Field(max_length=48)
    state: DrawState
    rate: str = Field(max_length=16)
    attempt: int = Field(ge=1, le=1000)
    withheld_by: Party | None = None
    office_commitment: str | None = Field(default=None, pattern=HEX)
    hq_commitment: str | None = Field(default=None, pattern=HEX)
    dice_wanted: bool = False
    frozen: Frozen | None = None
    entries_wanted: bool = False
    ready: bool = False
    dice: SaidDice | None = None
    share: str | None = Field(default=None, pattern=HEX)
    drawn_at: datetime | None = None


class HqLetter(_Said):
    """All that headquarters answers: of every draw of this office that is not drawn, and of those followed."""

    answers: tuple[HqSays, ...]
    tickets: dict[str, dict[str, str]] = Field(default_factory=dict)


def parse_letter(text: bytes) -> OfficeLetter:
    """An office's letter from a request's body. Raises InvalidInput."""
    try:
        return OfficeLetter.model_validate_json(text)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        raise InvalidInput(".".join(str(step) for step in first["loc"]) or "draws", first["msg"]) from error
