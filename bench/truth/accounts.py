"""What the phones themselves saw of each call: moments in nanoseconds since 1970, by this machine's clock."""

from dataclasses import dataclass, field


@dataclass
class Heard:
    """The tones that came in by RTP: by whose they are, when first, when last, how many packets.

    `held_up_ms`: for how long, meanwhile, the machine kept this phone's own packets back.
    """

    first_ns: dict[str, int] = field(default_factory=dict)
    last_ns: dict[str, int] = field(default_factory=dict)
    packets: dict[str, int] = field(default_factory=dict)
    held_up_ms: float = 0.0

    def note(self, whose: str, at_ns: int) -> None:
        """One packet came."""
        self.first_ns.setdefault(whose, at_ns)
        self.last_ns[whose] = at_ns
        self.packets[whose] = self.packets.get(whose, 0) + 1


@dataclass
class CallerAccount:
    """One call as the gateway's port saw it.

    `up_ns` is when a 200 OK came, `person_ns` when a desk was heard, `final` the status that refused it;
    `wanted_out_ns` when the caller hung up, be it by CANCEL or by BYE; `bye_came_ns` when a BYE came.
    `reason` is that BYE's or refusal's own word.
    """

    n: int
    line: str
    user: str
    name: str
    invited_ns: int
    tried_ns: int | None = None
    rang_ns: int | None = None
    up_ns: int | None = None
    person_ns: int | None = None
    final: int | None = None
    wanted_out_ns: int | None = None
    cancelled_ns: int | None = None
    bye_sent_ns: int | None = None
    bye_came_ns: int | None = None
    over_ns: int | None = None
    reason: str = ""
    heard: Heard = field(default_factory=Heard)

    @property
    def was_refused(self) -> bool:
        """Whether Asterisk ended it of itself before it was up; his CANCEL may have crossed that."""
        return self.final is not None and self.final != 487


@dataclass
class DeskAccount:
    """One INVITE as a desk's phone saw it: `answered_ns` is when its 200 OK went, `acked_ns` when the ACK came.

    `caller` and `name` are the number and the name that it showed.
    """

    desk: str
    caller: str
    invited_ns: int
    rang_ns: int | None = None
    declined: int | None = None
    declined_ns: int | None = None
    answered_ns: int | None = None
    acked_ns: int | None = None
    cancelled_ns: int | None = None
    bye_sent_ns: int | None = None
    bye_came_ns: int | None = None
    over_ns: int | None = None
    heard: Heard = field(default_factory=Heard)
    name: str = ""


@dataclass(frozen=True)
class Away:
    """A desk's phone was not registered, from when to when."""

    desk: str
    from_ns: int
    until_ns: int


@dataclass
class Accounts:
    """All that the phones saw."""

    callers: list[CallerAccount] = field(default_factory=list)
    desks: list[DeskAccount] = field(default_factory=list)
    away: list[Away] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)
