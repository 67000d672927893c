"""The one loop of the uplink: all that node and headquarters exchange but recordings is one of its streams."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Concatenate, ParamSpec, TypeVar

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from ari_app.uplink.link import Link, LinkDown, Rejected
from supervision.clock import Clock, now
from supervision.database import Database
from supervision.errors import DomainError

log = structlog.get_logger("uplink")
T = TypeVar("T")
P = ParamSpec("P")

# What an exchange may fail by; the next one asks anew.
FAILURES = (LinkDown, Rejected, DomainError, SQLAlchemyError, OSError, ValueError)


@dataclass(frozen=True)
class Uplink:
    """What each stream works with: the link to headquarters, this node's database, whose it is, and a clock."""

    link: Link
    database: Database
    office_code: str
    clock: Clock = now

    async def read(self, look: Callable[Concatenate[Session, P], T], *args: P.args, **named: P.kwargs) -> T:
        """Look at this node's database, in a thread."""

        def reading() -> T:
            with self.database.reading() as session:
                return look(session, *args, **named)

        return await asyncio.to_thread(reading)

    async def write(self, act: Callable[Concatenate[Session, P], T], *args: P.args, **named: P.kwargs) -> T:
        """Act on this node's database, in a thread and a transaction of its own."""

        def writing() -> T:
            with self.database.transaction() as session:
                return act(session, *args, **named)

        return await asyncio.to_thread(writing)


@dataclass(frozen=True)
class Stream:
    """One thing that is exchanged with headquarters, and how often.

    `exchange` asks or sends once, and says how much moved. The next is after `every_s`, after `more_s` where
    something moved, and after each of `again_s` in turn, the last one again and again, while it fails.
    """

    name: str
    exchange: Callable[[], Awaitable[int]]
    every_s: float
    more_s: float | None = None
    again_s: tuple[float, ...] = ()

    async def run(self) -> None:
        """Exchange until cancelled. A failure is logged once, until another kind comes or it goes well again."""
        failures, logged = 0, ""
        while True:
            try:
                moved = await self.exchange()
            except FAILURES as error:
                if type(error).__name__ != logged:
                    logged = type(error).__name__
                    log.warning(f"{self.name} wait", error=f"{logged}: {error}"[:300])
                pauses = self.again_s or (self.every_s,)
                await asyncio.sleep(pauses[min(failures, len(pauses) - 1)])
                failures += 1
                continue
            if failures:
                log.info(f"{self.name} flow again")
            failures, logged = 0, ""
            await asyncio.sleep(self.every_s if not moved or self.more_s is None else self.more_s)
