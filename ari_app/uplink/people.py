"""The office's people on their way down: asked for every few seconds, taken in whole when something changed."""

import asyncio
from dataclasses import dataclass

import structlog
from sqlalchemy.exc import SQLAlchemyError

from ari_app.uplink.link import Link, LinkDown, Rejected
from supervision.clock import Clock, now
from supervision.database import Database
from supervision.errors import DomainError
from supervision.offices.copying import take_people
from supervision.offices.handing import HandedPeople
from supervision.people.sign_ins import held_etag, is_noted, note_confirmed
from supervision.settings import Settings

log = structlog.get_logger("uplink")

ASK_EVERY_S = 5.0


@dataclass
class Follower:
    """Keeps the copy of this office's people, until cancelled."""

    link: Link
    database: Database
    office_code: str
    settings: Settings
    clock: Clock = now

    async def run(self) -> None:
        """Ask, and ask again."""
        failed = False
        while True:
            try:
                await self.follow_once()
                failed = False
            except (LinkDown, Rejected, DomainError, SQLAlchemyError) as error:
                if not failed:
                    log.warning("people wait", error=f"{type(error).__name__}: {error}"[:300])
                failed = True
            await asyncio.sleep(ASK_EVERY_S)

    async def follow_once(self) -> bool:
        """Ask once; whether something changed. Raises LinkDown, Rejected, InvalidInput."""
        held = await asyncio.to_thread(self._held)
        people = await self.link.people(held)
        if people is None:
            await asyncio.to_thread(self._confirm, held)
            return False
        await asyncio.to_thread(self._take, people)
        return True

    def _held(self) -> str:
        with self.database.reading() as session:
            return held_etag(session, self.office_code)

    def _take(self, people: HandedPeople) -> None:
        with self.database.transaction() as session:
            take_people(session, self.office_code, people, self.settings, self.clock())
        log.info("people copied", accounts=len(people.accounts), seats=len(people.seats))

    def _confirm(self, etag: str) -> None:
        with self.database.reading() as session:
            if is_noted(session, self.office_code, self.clock()):
                return
        with self.database.transaction() as session:
            note_confirmed(session, self.office_code, etag, self.clock())
