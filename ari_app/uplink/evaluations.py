"""Evaluations of this office's calls: fetched each half minute, kept for its people."""

import structlog

from ari_app.uplink.streams import Uplink
from supervision.evaluations.messages import apply_copies, position

log = structlog.get_logger("uplink")


async def fetch_evaluations(context: Uplink) -> bool:
    """Ask once, and keep the answer; whether there is more. Raises LinkDown, Rejected."""
    told = await context.read(position, context.office_code)
    sent = await context.link.evaluations(told)
    if (sent.n, sent.hash) != (told.n, told.hash) or sent.anew or sent.evaluations:
        await context.write(apply_copies, context.office_code, sent)
    if sent.evaluations:
        log.info("evaluations copied", number=len(sent.evaluations))
    return sent.more
