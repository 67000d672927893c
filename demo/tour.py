"""The demo's calls: whose phone rings, who answers when, and what they say."""

import itertools
import random
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from demo.office import LoopbackOffice
from demo.phones import Desk, Gateway
from demo.sipp import PhoneFailed
from demo.voices import DIALOGUES, Dialogue, tracks
from supervision.offices.description import LineDescription

CALLERS = ("13912340001", "01062315678", "13700018888", "18611112222", "15522334455")
ANNOUNCED_S = 5.5  # the announcement's length, which the caller listens to before he speaks
TALK_ROOM_S = 1.0


@dataclass(frozen=True)
class Visit:
    """One call of the tour: on which line, from whom, about what, answered by which desk after so long.

    Without a desk nobody answers; with `gives_up_after_s` the caller does not wait for that. `talks_at_most_s`
    ends a dialogue early.
    """

    line_key: str
    caller: str
    dialogue: Dialogue
    desk: str | None
    after_s: float
    gives_up_after_s: float | None = None
    talks_at_most_s: float = 120.0


def five_visits(code: str) -> dict[str, list[Visit]]:
    """An office's five calls when unattended, by line: three desks, every dialogue; one comes to the leader."""
    plan = {
        f"{code}-1": (("801", 3.0), ("809", 4.0)),
        f"{code}-2": (("802", 7.0), ("802", 1.0), ("802", 2.0)),
    }
    count = itertools.count()
    return {
        line: [
            Visit(line, CALLERS[n], DIALOGUES[n % len(DIALOGUES)], desk, after_s, talks_at_most_s=15.0)
            for desk, after_s in answers
            for n in [next(count)]
        ]
        for line, answers in plan.items()
    }


def endless_visits(code: str, dice: random.Random) -> Iterator[Visit]:
    """An office's calls as on a busy morning: most are answered in time, some by the leader, some not at all."""
    for n in itertools.count():
        line, first = ((f"{code}-1", "801"), (f"{code}-2", "802"))[n % 2]
        caller, dialogue = f"13{dice.randrange(10**9):09d}", dice.choice(DIALOGUES)
        chance = dice.random()
        if chance < 0.75:
            yield Visit(line, caller, dialogue, first, dice.choice((2.0, 4.0, 7.0, 12.0)))
        elif chance < 0.85:
            yield Visit(line, caller, dialogue, "809", 3.0)
        else:
            yield Visit(line, caller, dialogue, None, 0.0, gives_up_after_s=dice.choice((8.0, 12.0)))


class Telephones:
    """The demo's phones: a port for each line, a phone for each desk."""

    def __init__(self, office: LoopbackOffice) -> None:
        self.office = office
        self.ports: dict[str, Gateway] = {line.key: office.gateway(line.key) for line in office.description.lines}
        self.desks: dict[str, Desk] = {
            desk.extension: office.desk(desk.extension) for desk in office.description.desks
        }
        self._one_at_a_time = threading.Lock()

    def place(self, visit: Visit) -> None:
        """Place one call and wait until it is over. Raises PhoneFailed if the phones could not do it.

        Only the line's first desk and the one that answers are touched: the others may be talking.
        """
        line = self._line(visit)
        waits_s = self._waits(visit)
        voices = tracks(visit.dialogue, waits_s)
        with self._one_at_a_time:
            if visit.desk != line.desks[0]:
                self.desks[line.desks[0]].rings()
            if visit.desk is not None:
                self.desks[visit.desk].answers(after_s=visit.after_s, plays=voices.officer)
        talks_s = waits_s + min(voices.length_s + TALK_ROOM_S, visit.talks_at_most_s)
        self.ports[visit.line_key].dials(
            line.number,
            caller_id=visit.caller.encode(),
            plays=voices.caller,
            talks_s=talks_s if visit.gives_up_after_s is None else visit.gives_up_after_s,
            gives_up_after_s=visit.gives_up_after_s,
        ).wait(talks_s + 90)

    def _line(self, visit: Visit) -> LineDescription:
        return next(line for line in self.office.description.lines if line.key == visit.line_key)

    def _waits(self, visit: Visit) -> float:
        """How long the caller's line is open before the officer picks up: silence goes before his words."""
        line = self._line(visit)
        if not line.announcement:
            return 0.0
        by_leader = line.duty_ring_s if visit.desk == line.leader else 0
        return ANNOUNCED_S + by_leader + visit.after_s


def place_all(
    phones: Telephones, visits: Iterable[Visit], stopped: threading.Event, say: Callable[[str], None]
) -> None:
    """Place calls one after the other until stopped; a phone that fails is said, and the next call placed."""
    for visit in visits:
        if stopped.is_set():
            return
        say(f"line {visit.line_key}: {visit.dialogue.topic}")
        try:
            phones.place(visit)
        except PhoneFailed as error:
            if not stopped.is_set():
                say(f"a phone failed: {str(error).splitlines()[0]}")
        if stopped.wait(2.0):
            return
