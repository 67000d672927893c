"""The office description: one YAML file that says which lines and desks an office has.

It is parsed once, here, into typed records; errors name the key. Asterisk's configuration is rendered from
it and the store is first filled from it.
"""

import re
from enum import StrEnum
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path
from typing import Annotated, Any, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from supervision.actor import Role
from supervision.errors import InvalidInput

Key = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,31}$")]
Number = Annotated[str, StringConstraints(pattern=r"^\+?[0-9][0-9-]{1,30}$")]
Extension = Annotated[str, StringConstraints(pattern=r"^[0-9]{2,8}$")]
Account = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._-]{0,31}$")]
ShownName = Annotated[str, StringConstraints(min_length=1, max_length=64, strip_whitespace=True)]
HeaderName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9-]{0,63}$")]
HeaderValue = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,64}$")]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class RingOrder(StrEnum):
    """How a line's duty desks ring before the leader joins: the first free one, or all free ones."""

    IN_ORDER = "in_order"
    ALL = "all"


class Gateway(_Strict):
    """How the FXO port of a line is recognised: by its SIP account, or by its address and a header it sends."""

    account: Account | None = None
    address: IPv4Address | IPv4Network | None = None
    header: HeaderName | None = None
    value: HeaderValue | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.account is None) == (self.address is None):
            raise ValueError("give either account, or address with header and value")
        if self.address is not None and (self.header is None or self.value is None):
            raise ValueError("an address alone does not tell a port: give header and value as well")
        if self.account is not None and (self.header or self.value):
            raise ValueError("header and value go with address, not with account")
        return self


class OfficerSeat(_Strict):
    """Who sits at a desk from the day of loading on, until a roster says otherwise."""

    login: Account
    name: ShownName
    role: Role = Role.OFFICER

    @model_validator(mode="after")
    def _of_the_office(self) -> Self:
        if self.role not in {Role.OFFICER, Role.OFFICE_LEADER}:
            raise ValueError("only an officer or an office leader sits at a desk")
        return self


class DeskDescription(_Strict):
    """One duty desk's SIP phone."""

    extension: Extension
    name: ShownName
    officer: OfficerSeat | None = None


class LineDescription(_Strict):
    """One consultation line. Lengths in seconds; rings are counted from the first desk's first ring.

    `ports`: how many calls it can carry at once. An FXO port carries one; a number with more needs more of them.
    """

    key: Key
    number: Number
    name: ShownName
    gateway: Gateway
    desks: Annotated[tuple[Extension, ...], Field(min_length=1)]
    leader: Extension
    ring: RingOrder = RingOrder.IN_ORDER
    announcement: bool = True
    ports: Annotated[int, Field(ge=1, le=100)] = 1
    ring_s: Annotated[int, Field(ge=1, le=10)] = 5
    rings_before_us: Annotated[int, Field(ge=0, le=5)] = 0
    leader_from_ring: Annotated[int, Field(ge=2, le=20)] = 4
    last_ring: Annotated[int, Field(ge=3, le=40)] = 10
    wait_longest_s: Annotated[int, Field(ge=10, le=7200)] = 900
    call_longest_s: Annotated[int, Field(ge=60, le=6 * 3600)] = 2 * 3600

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.leader_from_ring > self.last_ring:
            raise ValueError("leader_from_ring lies after last_ring")
        if self.key.endswith("-backup"):
            raise ValueError("key: ends in -backup, which names the line's second queue")
        if self.leader in self.desks:
            raise ValueError("the leader's desk is one of the duty desks")
        if len(set(self.desks)) != len(self.desks):
            raise ValueError("a duty desk is named twice")
        return self

    @property
    def endpoint(self) -> str:
        """The name of the line's SIP endpoint: its account's, since that is how Asterisk finds it."""
        return self.gateway.account or f"line-{self.key}"

    @property
    def duty_ring_s(self) -> int:
        """How long the duty desks ring alone."""
        return self.ring_s * (self.leader_from_ring - 1)

    @property
    def leader_ring_s(self) -> int:
        """How long all desks ring with the leader's, up to the last ring."""
        return self.ring_s * (self.last_ring - self.leader_from_ring + 1)


SITE = r"^(https?://[^\s\"'<>]{1,200})?$"


class OfficeName(_Strict):
    """Which office this is, and where its people open its site (empty: headquarters does not lead there)."""

    code: Annotated[str, StringConstraints(pattern=r"^[0-9]{2,8}$")]
    name: ShownName
    site: Annotated[str, StringConstraints(pattern=SITE)] = ""


class OfficeDescription(_Strict):
    """A whole office: its lines and its desks, consistent with each other."""

    office: OfficeName
    lines: Annotated[tuple[LineDescription, ...], Field(min_length=1)]
    desks: Annotated[tuple[DeskDescription, ...], Field(min_length=1)]

    @property
    def ports(self) -> int:
        """How many calls can come in at once, over all lines."""
        return sum(line.ports for line in self.lines)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        known = [desk.extension for desk in self.desks]
        for what, values in (
            ("desks: extension", known),
            ("lines: key", [line.key for line in self.lines]),
            ("lines: number", [line.number for line in self.lines]),
            ("SIP endpoint", [*(line.endpoint for line in self.lines), *known]),
            ("desks: officer login", [desk.officer.login for desk in self.desks if desk.officer]),
        ):
            for value in values:
                if values.count(value) > 1:
                    raise ValueError(f"{what} {value} is given twice")
        for line in self.lines:
            for extension in (*line.desks, line.leader):
                if extension not in known:
                    raise ValueError(f"line {line.key} names desk {extension}, which is not among desks")
        return self


def parse_description(text: str, source: str = "office.yaml") -> OfficeDescription:
    """The description in a YAML text. Raises InvalidInput naming the key of the first fault, and all others."""
    try:
        data: Any = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise InvalidInput(source, f"not YAML: {' '.join(str(error).split())}") from error
    try:
        return OfficeDescription.model_validate(data)
    except ValidationError as error:
        faults = [_fault(item["loc"], item["msg"]) for item in error.errors()]
        raise InvalidInput(source, "; ".join(faults)) from error


def load_description(path: Path) -> OfficeDescription:
    """The description in a file. Raises InvalidInput, also where the file cannot be read."""
    try:
        return parse_description(path.read_text("utf-8"), path.name)
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(path.name, f"cannot be read: {error}") from error


def _fault(location: tuple[int | str, ...], message: str) -> str:
    key = re.sub(r"\.(\d+)", r"[\1]", "." + ".".join(str(step) for step in location)).lstrip(".")
    return f"{key or 'the whole file'}: {message}"
