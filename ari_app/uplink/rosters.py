"""The office's rosters: fetched every few seconds, kept as a whole when something changed."""

import structlog

from ari_app.uplink.streams import Uplink
from supervision.rosters.messages import apply_roster, held_etag

log = structlog.get_logger("uplink")


async def fetch_roster(context: Uplink) -> bool:
    """Ask once; whether something changed. Raises LinkDown, Rejected, InvalidInput."""
    held = await context.read(held_etag, context.office_code)
    sent = await context.link.roster(held)
    if sent is None:
        return False
    await context.write(apply_roster, context.office_code, sent, context.clock())
    log.info("roster copied", shifts=len(sent.shifts))
    return True
