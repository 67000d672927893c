"""Nothing that is wrong with one part, or with the store, holds up the other parts."""

import asyncio
import uuid
from collections import Counter
from pathlib import Path
from typing import cast

from ari_app.uplink.link import Held, Link, PartWaits, Unknown
from ari_app.uplink.parts import Sender
from supervision.database import Database
from supervision.paths import PartName, Paths

PATIENCE_S = 20


class Headquarters:
    """Takes what comes, but for the parts that it cannot take."""

    def __init__(self, sick: PartName | None = None) -> None:
        self.sick = sick
        self.held: dict[PartName, int] = {}
        self.asked: Counter[PartName] = Counter()

    async def begin(self, name: PartName) -> Held:
        return Held(self.held.setdefault(name, 0), None)

    async def add(self, name: PartName, offset: int, data: bytes, _length: int | None = None) -> int:
        self.asked[name] += 1
        if name not in self.held:
            raise Unknown(str(name))
        if name == self.sick:
            raise PartWaits("damaged")
        self.held[name] = offset + len(data)
        return self.held[name]

    async def received(self, _names: list[str]) -> dict[str, object]:
        return {}


def name(n: int) -> PartName:
    return PartName(uuid.UUID(int=n), "a", 1)


def send(home: Path, url: str, hq: Headquarters, wanted: dict[PartName, int]) -> None:
    """Send until headquarters has so much."""

    async def until_there() -> None:
        sender = Sender(cast(Link, hq), Paths(home), Database(url), connections=2)
        sending = asyncio.create_task(sender.run())
        async with asyncio.timeout(PATIENCE_S):
            while any(hq.held.get(part) != size for part, size in wanted.items()):
                assert not sending.done(), sending.exception()
                await asyncio.sleep(0.01)
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)
        sender.database.close()

    asyncio.run(until_there())


def spool(home: Path, *parts: PartName) -> dict[PartName, int]:
    """Parts in the spool, the first of them the oldest."""
    Paths(home).spool.mkdir()
    for n, part in enumerate(parts):
        Paths(home).part(part).write_bytes(bytes(300_000 + n))
    return {part: 300_000 + n for n, part in enumerate(parts)}


def test_a_part_that_headquarters_cannot_take_is_left_alone_for_a_while(tmp_path: Path, sqlite_url: str) -> None:
    wanted = spool(tmp_path, name(1), name(2), name(3))
    hq = Headquarters(sick=name(3))
    send(tmp_path, sqlite_url, hq, {part: size for part, size in wanted.items() if part != name(3)})
    assert hq.asked[name(3)] == 1


class Forgetful(Headquarters):
    """Has lost what it had of a part when more of it comes, once."""

    async def add(self, name: PartName, offset: int, data: bytes, length: int | None = None) -> int:
        if not self.asked[name]:
            del self.held[name]
        return await super().add(name, offset, data, length)


def test_what_headquarters_has_lost_is_begun_again(tmp_path: Path, sqlite_url: str) -> None:
    wanted = spool(tmp_path, name(1), name(2))
    send(tmp_path, sqlite_url, Forgetful(), wanted)


def test_a_part_that_cannot_be_read_holds_up_no_other(tmp_path: Path, sqlite_url: str) -> None:
    wanted = spool(tmp_path, name(1), name(2))
    Paths(tmp_path).part(name(3)).mkdir()
    send(tmp_path, sqlite_url, Headquarters(), wanted)


def test_a_link_in_the_spool_is_not_sent(tmp_path: Path, sqlite_url: str) -> None:
    wanted = spool(tmp_path, name(1))
    (tmp_path / "ours").write_bytes(bytes(1000))
    Paths(tmp_path).part(name(2)).symlink_to(tmp_path / "ours")
    hq = Headquarters()
    send(tmp_path, sqlite_url, hq, wanted)
    assert not hq.held.get(name(2))  # it waits, and the log names it


def test_audio_is_sent_while_the_nodes_own_store_is_away(tmp_path: Path) -> None:
    """What grows is seen in the spool itself; only what was there before must wait for the store's word."""
    Paths(tmp_path).spool.mkdir()
    hq = Headquarters()

    def grows() -> None:
        Paths(tmp_path).part(name(1)).write_bytes(bytes(300_000))

    async def begun_later() -> None:
        sender = Sender(cast(Link, hq), Paths(tmp_path), Database("sqlite:////nowhere/at/all.db"), connections=2)
        sending = asyncio.create_task(sender.run())
        async with asyncio.timeout(PATIENCE_S):
            while hq.held.get(name(1)) != 300_000:
                assert not sending.done(), sending.exception()
                grows()
                await asyncio.sleep(0.05)
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)

    asyncio.run(begun_later())
