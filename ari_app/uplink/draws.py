"""Draws on their way: every few seconds this node says how each of its draws stands, and takes in the answer."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

import structlog
from sqlalchemy.exc import SQLAlchemyError

from ari_app.uplink.link import Link, LinkDown, Rejected
from supervision.clock import Clock, now
from supervision.database import Database
from supervision.draws.node import read_letter, write_letter
from supervision.draws.statements import HqLetter, OfficeLetter

log = structlog.get_logger("uplink")

SAY_EVERY_S = 15.0


@dataclass
class Drawer:
    """Speaks to headquarters about draws, until cancelled."""

    link: Link
    database: Database
    office_code: str
    clock: Clock = now
    _asked: set[str] = field(default_factory=set)

    async def run(self) -> None:
        """Say how things stand; at once again while something moves."""
        failed = False
        while True:
            moved = False
            try:
                moved = await self.speak_once()
                failed = False
            except (LinkDown, Rejected, SQLAlchemyError) as error:
                if not failed:
                    log.warning("draws wait", error=f"{type(error).__name__}: {error}"[:300])
                failed = True
            await asyncio.sleep(0.5 if moved else SAY_EVERY_S)

    async def speak_once(self) -> bool:
        """One letter and its answer; whether anything moved. Raises LinkDown, Rejected."""
        letter = await asyncio.to_thread(self._write, self._asked, self.clock())
        answer = await self.link.draws(letter)
        before = self._asked
        self._asked = await asyncio.to_thread(self._read, answer, self.clock())
        said = {one.draw: one for one in letter.statements}
        # Asked for a list, or free to reveal: there is something to answer at once.
        return self._asked != before or any(
            one.ready and one.share is None and one.draw in said and said[one.draw].share is None
            for one in answer.answers
        )

    def _write(self, asked: Iterable[str], at: datetime) -> OfficeLetter:
        with self.database.transaction() as session:
            return write_letter(session, self.office_code, at, asked)

    def _read(self, answer: HqLetter, at: datetime) -> set[str]:
        with self.database.transaction() as session:
            return read_letter(session, self.office_code, answer, at)
