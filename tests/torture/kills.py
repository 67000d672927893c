"""Random kills over a stream of parts: `python -m tests.torture.kills --kills 1000` (`make torture`).

Uplink, intake (all of it, or one of its processes) and worker are ended by SIGKILL at random moments of a seeded
run, and started again. Meanwhile calls come, grow and end. At the end every byte is at headquarters, by hash,
and every fact once.
"""

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from sqlalchemy import func, select

from demo.headquarters import LoopbackHeadquarters
from demo.processes import Process, until
from supervision.archive.incoming import Incoming
from supervision.calls.models import Call, CallEvent
from supervision.errors import NotFound
from supervision.feeds.models import Feed, RefusedFact
from supervision.incidents.models import Incident
from supervision.outbox.models import OutboxHead
from supervision.paths import PartName
from supervision.recordings.models import Part, Recording, RecordingState
from tests.torture.office import PlayedOffice

AT_ONCE = 6
LONGEST_PAUSE_S = 0.6
STEPS = (1, 12)


@dataclass
class Run:
    """One run: what was killed how often, and how far each part was acknowledged when last looked at."""

    hq: LoopbackHeadquarters
    office: PlayedOffice
    dice: random.Random
    killed: Counter[str] = field(default_factory=Counter)
    acknowledged: dict[str, int] = field(default_factory=dict)

    def kill_one(self) -> None:
        """End one of them without a word, and start it again."""
        name = self.dice.choice(("uplink", "intake", "intake worker", "worker"))
        process = self._process(name)
        if name == "intake worker":
            process.kill_a_child(self.dice)
        else:
            process.kill()
            process.start()
        self.killed[name] += 1

    def _process(self, name: str) -> Process:
        return {"uplink": self.office.uplink, "worker": self.hq.worker}.get(name, self.hq.intake)

    def live(self, until_s: float) -> None:
        """Let calls come, grow and end for so long."""
        end = time.monotonic() + until_s
        while True:
            if len(self.office.talks) < AT_ONCE:
                self.office.begin(self.dice.randint(*STEPS))
            self.office.grow(self.dice.choice(self.office.talks))
            if time.monotonic() >= end:
                return
            time.sleep(0.01)

    def look(self) -> None:
        """What was acknowledged is never less than it was, and never more than was spoken."""
        incoming = Incoming(self.hq.paths)
        for path in self.office.paths.spool.iterdir():
            name = PartName.parse(path.name)
            assert name is not None
            try:
                offset = incoming.state("3101", name).offset
            except NotFound:
                offset = 0
            before = self.acknowledged.get(path.name, 0)
            assert before <= offset <= path.stat().st_size, f"{path.name}: was {before}, is {offset}"
            self.acknowledged[path.name] = offset

    def finish(self, within_s: float) -> None:
        """End all calls, and wait until headquarters has everything and the office knows it."""
        while self.office.talks:
            self.office.grow(self.office.talks[0])
        until("all receipts", self._all_received, within_s)
        until("all sealed at headquarters", self._all_sealed, within_s)
        until("all facts told", self._all_told, within_s)

    def _all_received(self) -> bool:
        with self.office.database.reading() as session:
            return session.scalar(select(func.count()).select_from(Part).where(Part.received_at.is_(None))) == 0

    def _all_sealed(self) -> bool:
        with self.hq.database.reading() as session:
            ready = select(func.count()).select_from(Recording).where(Recording.state == RecordingState.READY)
            return session.scalar(ready) == self.office.calls

    def _all_told(self) -> bool:
        with self.office.database.reading() as session:
            head = session.scalars(select(OutboxHead)).one()
            return head.received_n == head.last_n

    def expect_the_same(self) -> None:
        """Every byte, every call, every event is at headquarters, once."""
        self.look()
        for path in self.office.paths.spool.iterdir():
            assert (self.hq.paths.incoming_office("3101") / path.name).read_bytes() == path.read_bytes(), path.name
        with self.hq.database.reading() as there, self.office.database.reading() as here:
            head, feed = here.scalars(select(OutboxHead)).one(), there.scalars(select(Feed)).one()
            assert (feed.epoch, feed.n) == (head.epoch, head.last_n)
            for table in (Call, CallEvent, Part, Recording):
                count = select(func.count()).select_from(table)
                assert there.scalar(count) == here.scalar(count), table.__tablename__
            ended = {row.id: row.ended_at for row in there.scalars(select(Call))}
            assert ended == {row.id: row.ended_at for row in here.scalars(select(Call))}
            assert there.scalars(select(RefusedFact)).all() == []
            assert [(row.cause, row.detail) for row in there.scalars(select(Incident))] == []


def torture(home: Path, kills: int, seed: int) -> Run:
    """Kill so often, then see that nothing is lost. Raises AssertionError."""
    dice = random.Random(seed)  # noqa: S311 - a run that can be had again
    # A worker that is killed holds its claim until the lease runs out.
    with LoopbackHeadquarters(home / "hq", {"SUPERVISION_SEAL_LEASE_S": "2"}) as hq:
        office = PlayedOffice(home / "node", hq, dice)
        try:
            office.uplink.start()
            run = Run(hq, office, dice)
            for _ in range(kills):
                run.live(dice.uniform(0, LONGEST_PAUSE_S))
                run.look()
                run.kill_one()
            run.finish(60 + kills / 5)
            run.expect_the_same()
            return run
        finally:
            office.stop()


def main() -> int:
    """Run, and say what was done. 0: nothing was lost."""
    parser = argparse.ArgumentParser(prog="python -m tests.torture.kills", description=__doc__)
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    arguments = parser.parse_args()
    say = partial(print, flush=True)
    say(f"{arguments.kills} kills, seed {arguments.seed}")
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="torture.") as folder:
        run = torture(Path(folder), arguments.kills, arguments.seed)
    sent, took_s = sum(run.acknowledged.values()), time.monotonic() - began
    say(f"killed: {dict(run.killed)}; {run.office.calls} calls, {sent:,} bytes, all there, in {took_s:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
