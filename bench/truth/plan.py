"""What each caller and each desk means to do, drawn from a seed. Nothing here calls anybody."""

import enum
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

CODE = "07"
LEADERS = 3
RING_S, LAST_RING = 1, 10
NOBODYS_LINE = "07-0"
LOWEST_HZ, STEP_HZ = 300, 50  # whole periods in 20 ms, so that each packet of a phone is the same


class Deed(enum.StrEnum):
    """What kind of call it is meant to be."""

    UP_BEFORE_RINGING = "hangs up before a desk rings"
    UP_WHILE_RINGING = "hangs up while desks ring"
    RACE = "hangs up as a desk answers"
    DUTY_ANSWERS = "a duty desk answers"
    LEADER_ANSWERS = "the leader answers"
    DECLINED_THEN_ANSWERED = "declined once, then answered"
    NOBODY_ANSWERS = "nobody answers"
    ALL_DECLINE = "all desks decline"


WEIGHTS = {
    Deed.UP_BEFORE_RINGING: 7,
    Deed.UP_WHILE_RINGING: 12,
    Deed.RACE: 8,
    Deed.DUTY_ANSWERS: 50,
    Deed.LEADER_ANSWERS: 6,
    Deed.DECLINED_THEN_ANSWERED: 6,
    Deed.NOBODY_ANSWERS: 6,
    Deed.ALL_DECLINE: 5,
}


class Ender(enum.StrEnum):
    """Who means to hang up first."""

    CALLER = "caller"
    DESK = "desk"


@dataclass(frozen=True)
class CallPlan:
    """One call. In seconds: `gives_up_s` after the INVITE, `answer_s` after a desk's INVITE, `talk_s` after that.

    `race_s`: the caller hangs up so long after the desk's 200 OK (before it, if negative). `user` is what his
    INVITE says he is, `name` his display name; `status` how a desk refuses.
    """

    n: int
    line: str
    user: str
    name: str
    deed: Deed
    pause_s: float
    gives_up_s: float | None
    answer_s: float
    race_s: float
    talk_s: float
    ender: Ender
    status: int

    @property
    def is_named(self) -> bool:
        """Whether the caller's number tells this call from all others."""
        return self.user.isdigit()


NAMES = ("", "", "", "Wang Fang", "王芳", "张 伟", "李娜", "四川省成都市锦江区某某有限责任公司财务部")


def plan_calls(seed: int, calls: int, lines: Sequence[str]) -> dict[str, list[CallPlan]]:
    """The calls of each line, one after the other; the same for the same arguments."""
    dice = random.Random(f"{seed}/{calls}/{len(lines)}")  # noqa: S311 - no secret
    plans: dict[str, list[CallPlan]] = {line: [] for line in lines}
    for n in range(calls):
        line = lines[n % len(lines)]
        plans[line].append(_plan(dice, n, line))
    return plans


def _plan(dice: random.Random, n: int, line: str) -> CallPlan:
    deed = dice.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
    user, name = _caller(dice, n, line)
    ender = dice.choice(list(Ender))
    return CallPlan(
        n,
        line,
        user,
        name,
        deed,
        pause_s=dice.uniform(0.05, 1.5),
        gives_up_s=_gives_up_s(dice, deed, line),
        answer_s=dice.choice((0.0, dice.uniform(0.01, 0.2), dice.uniform(0.2, 2.5), dice.uniform(0.2, 2.5))),
        race_s=dice.uniform(-0.03, 0.06),
        talk_s=dice.choice(
            (dice.uniform(0.0, 0.05), dice.uniform(0.3, 1.5), dice.uniform(1, 5), dice.uniform(1, 5))
        ),
        ender=ender,
        status=dice.choice((486, 603, 480)),
    )


def _caller(dice: random.Random, n: int, line: str) -> tuple[str, str]:
    how = dice.random()
    if how < 0.06:
        return "anonymous", f"Anonymous {n}"  # by the number, the phones know whose call a desk's was
    if how < 0.14:
        return f"port-{line}", ""
    number = f"{dice.choice(('138', '159', '186'))}{n:08d}" if how < 0.9 else f"028{n:08d}"
    return number, number if how > 0.95 else dice.choice(NAMES)


def _gives_up_s(dice: random.Random, deed: Deed, line: str) -> float | None:
    if deed is Deed.UP_BEFORE_RINGING:
        return dice.choice((0.0, dice.uniform(0.0, 0.03), dice.uniform(0.0, 0.2)))
    if deed is Deed.UP_WHILE_RINGING:
        return dice.uniform(0.3, 5.0)
    if line == NOBODYS_LINE or dice.random() < 0.3:
        return dice.uniform(8.0, 14.0)  # a person's patience, also where nobody means to answer
    return None


def office_of(lines: int) -> dict[str, Any]:
    """An office: half of its lines known by their account, half by a header; a third of them announce first.

    Neighbours share a desk, so that desks are busy; one line has desks that are never there.
    """
    keys = line_keys(lines)
    leaders = [str(801 + n) for n in range(LEADERS)]
    described = []
    for n, key in enumerate(keys):
        desks = ["901", "902"] if key == NOBODYS_LINE else [desk_of(n), desk_of(n + 1)]
        gateway: dict[str, str] = {"account": f"fxo-{n}"}
        if n % 2:
            gateway = {"address": "127.0.0.1", "header": "X-Port", "value": f"p{n}"}
        described.append(
            {
                "key": key,
                "number": f"8888{n:04d}",
                "name": f"线路{n}",
                "gateway": gateway,
                "desks": desks,
                "leader": "903" if key == NOBODYS_LINE else leaders[n % LEADERS],
                "announcement": n % 3 == 2,
                "ring": "all" if n % 4 == 3 else "in_order",
                "ring_s": RING_S,
                "last_ring": LAST_RING,
            }
        )
    extensions = sorted({desk for line in described for desk in [*line["desks"], line["leader"]]})  # type: ignore[misc]
    return {
        "office": {"code": CODE, "name": "第七税务所"},
        "lines": described,
        "desks": [{"extension": desk, "name": f"台{desk}"} for desk in extensions],
    }


def line_keys(lines: int) -> list[str]:
    """The lines' keys."""
    return [f"{CODE}-{n}" for n in range(lines)]


def desk_of(n: int) -> str:
    """The desk of that place."""
    return str(101 + n)


def tone_hz(n: int) -> int:
    """The tone of the phone of that place among the lines', or among the desks'."""
    return LOWEST_HZ + STEP_HZ * n
