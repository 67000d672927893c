"""The office's people: fetched every few seconds, applied as a whole when something changed."""

import structlog

from ari_app.uplink.streams import Uplink
from supervision.offices.people_copy import apply_people
from supervision.people.sign_ins import held_etag, is_noted, note_confirmed
from supervision.settings import Settings

log = structlog.get_logger("uplink")


async def fetch_people(context: Uplink, settings: Settings) -> bool:
    """Ask once; whether something changed. Raises LinkDown, Rejected, InvalidInput."""
    held = await context.read(held_etag, context.office_code)
    people = await context.link.people(held)
    if people is not None:
        await context.write(apply_people, context.office_code, people, settings, context.clock())
        log.info("people copied", accounts=len(people.accounts), seats=len(people.seats))
        return True
    if not await context.read(is_noted, context.office_code, context.clock()):
        await context.write(note_confirmed, context.office_code, held, context.clock())
    return False
