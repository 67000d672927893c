"""What the two parties send each other about a draw: numbered facts of the office, and messages that may be lost
or come twice, since each party says all that it may, every time.
"""

import uuid
from datetime import datetime
from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from supervision.draws.check_rules import ReceivedTicket
from supervision.draws.models import Draw
from supervision.draws.protocol_rules import DrawState
from supervision.draws.rules import Entry, Party, TicketState
from supervision.received_times import Moment, Receipt
from supervision.texts import parse_json

HEX = r"^[0-9a-f]{64}$"
DICE = r"^(|[1-6]( [1-6]){0,31})$"
RATE = r"^[1-9][0-9]{0,6}(/[1-9][0-9]{0,6})?$"
MOST_ENTRIES = 50_000
MOST_DRAWS = 50


class _Sent(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SentEntry(_Sent):
    """One line of a list."""

    call: uuid.UUID
    stratum: str = Field(min_length=1, max_length=64, pattern=r"^\S+$")
    audio: str = Field(pattern=r"^([0-9a-f]{64}|-)$")

    @classmethod
    def of(cls, entry: Entry) -> "SentEntry":
        """A line, as it is sent."""
        return cls(call=uuid.UUID(entry.call_id), stratum=entry.stratum, audio=entry.audio)

    @property
    def entry(self) -> Entry:
        """The line."""
        return Entry(str(self.call), self.stratum, self.audio)


class ClosedFact(_Sent):
    """The office says that a period is over, with the commitments and the rate as it holds them."""

    draw: str = Field(max_length=48)
    office_commitment: str | None = Field(pattern=HEX)
    hq_commitment: str | None = Field(pattern=HEX)
    rate: str = Field(max_length=16)


class AnsweredFact(_Sent):
    """The root of the list as the office built it; its lines where the frozen root is another."""

    draw: str = Field(max_length=48)
    root: str = Field(pattern=HEX)
    lines: tuple[SentEntry, ...] | None = Field(default=None, max_length=MOST_ENTRIES)


class RevealedFact(_Sent):
    """The office's share, and what it is given for."""

    draw: str = Field(max_length=48)
    share: str = Field(pattern=HEX)
    root: str = Field(pattern=HEX)
    dice: str = Field(pattern=DICE)
    witness: str = Field(default="", max_length=128)


class SentAsk(_Sent):
    """Somebody asks that a draw wait for dice; nobody: he withdrew it."""

    who: str = Field(max_length=128)
    reason: str = Field(max_length=500)
    at: Moment


class SentDice(_Sent):
    """Dice as one side's witness typed them in."""

    dice: str = Field(pattern=DICE, min_length=1)
    witness: str = Field(min_length=1, max_length=128)
    at: Moment


class OfficeDrawState(_Sent):
    """What an office's node says of one draw. `root`: of the list that it accepted; `list_wanted`: it needs the
    lines of the list to see whether it can.
    """

    draw: str = Field(max_length=48)
    commitment: str | None = Field(default=None, pattern=HEX)
    ask: SentAsk | None = None
    dice: SentDice | None = None
    list_wanted: bool = False


class OfficeMessage(_Sent):
    """All that an office's node says in one request; `follows`: due already, how does the work stand?"""

    draws: tuple[OfficeDrawState, ...] = Field(max_length=MOST_DRAWS)
    follows: tuple[str, ...] = Field(default=(), max_length=MOST_DRAWS)


class Seat(_Sent):
    """Who sat at a desk, as headquarters assigned it."""

    desk: str
    login: str
    since: AwareDatetime
    until: AwareDatetime | None


class Moved(_Sent):
    """Calls that are in another list than that in which they began by the node's clock."""

    here: tuple[uuid.UUID, ...] = ()
    elsewhere: tuple[uuid.UUID, ...] = ()


class Frozen(_Sent):
    """The list that headquarters froze: up to which of the office's facts, and its root; its lines if wanted."""

    epoch: uuid.UUID | None
    n: int = Field(ge=0)
    at: AwareDatetime
    by_silence: bool
    root: str = Field(pattern=HEX)
    seats: tuple[Seat, ...] = ()
    moved: Moved = Moved()
    lines: tuple[SentEntry, ...] | None = Field(default=None, max_length=MOST_ENTRIES)


class Agreed(_Sent):
    """The list that stands: its root, and the lines that it has beyond the frozen one."""

    root: str = Field(pattern=HEX)
    at: AwareDatetime
    added: tuple[SentEntry, ...] = Field(default=(), max_length=MOST_ENTRIES)
    differences: tuple[dict[str, Any], ...] = ()


class Times(_Sent):
    """When headquarters recorded what came after the agreement."""

    revealed: datetime | None = None
    given: datetime | None = None
    whole: datetime | None = None
    drawn: datetime | None = None
    due: datetime | None = None


class HqDrawState(_Sent):
    """What headquarters says of one draw. `close_again`: it was closed before its end; `lacking`: answered calls
    whose facts it has not got.
    """

    draw: str = Field(max_length=48)
    state: DrawState
    rate: str = Field(max_length=16, pattern=RATE)
    ends_at: AwareDatetime
    office_commitment: str | None = Field(default=None, pattern=HEX)
    hq_commitment: str | None = Field(default=None, pattern=HEX)
    ask: SentAsk | None = None
    dice: SentDice | None = None
    close_again: bool = False
    lacking: tuple[uuid.UUID, ...] = ()
    frozen: Frozen | None = None
    agreed: Agreed | None = None
    office_share: str | None = Field(default=None, pattern=HEX)
    share: str | None = Field(default=None, pattern=HEX)
    reviewer: Party | None = None
    times: Times = Times()


class SentTicket(_Sent):
    """A ticket as headquarters works on it; `agreed`: its number among those that were found unusable."""

    call: uuid.UUID
    state: TicketState
    instead_of: uuid.UUID | None = None
    agreed: int = 0

    @property
    def ticket(self) -> ReceivedTicket:
        """It, as it is compared with what was drawn."""
        return ReceivedTicket(str(self.call), self.state, str(self.instead_of or ""), self.agreed)


class NodeState(_Sent):
    """What a node keeps, in `Draw.node_state`, of what headquarters said of a draw, and since when it owes the
    rest.

    `list_wanted`: it needs the lines of the list that stands. `again`: the calls whose facts it sent again, up to
    `again_n`. `had` and `again_had`: headquarters had acknowledged its answer, and those facts, before it was
    asked last; `owed` and `owed_again`: it had before it said that its list does not stand yet. `unchecked`: the
    node has no draw of its own to compare with; `unchecked_said`: it said so. `tickets`: what headquarters works
    on.
    """

    list_wanted: bool = False
    again: tuple[uuid.UUID, ...] = ()
    again_n: int = 0
    had: bool = False
    again_had: bool = False
    owed: bool = False
    owed_again: bool = False
    due_since: AwareDatetime | None = None
    tickets_at: AwareDatetime | None = None
    asked_since: AwareDatetime | None = None
    unchecked: bool = False
    unchecked_said: bool = False
    tickets: tuple[SentTicket, ...] = ()

    @classmethod
    def of(cls, draw: Draw) -> "NodeState":
        """What is kept of a draw."""
        return cls.model_validate(draw.node_state or {})


class HqMessage(_Sent):
    """All that headquarters answers: of every draw of this office that is not over, and of those followed.

    `settled`: the incidents of the followed draws, by their ids, that say that the node cannot check them and that
    somebody at headquarters has settled.
    """

    draws: tuple[HqDrawState, ...]
    settled: tuple[uuid.UUID, ...] = ()
    tickets: dict[str, tuple[SentTicket, ...]] = Field(default_factory=dict)


def parse_message(text: bytes, at: datetime) -> OfficeMessage:
    """An office's message from a request's body that came then, which stands for times that cannot be.

    Raises InvalidInput.
    """
    return parse_json(OfficeMessage, text, "draws", Receipt(at, replaces=True))
