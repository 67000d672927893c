"""What this office is asked to put right, on its way down: asked for each half minute, kept for its people."""

import structlog

from ari_app.uplink.streams import Uplink
from supervision.rectification.messages import apply_copies, position

log = structlog.get_logger("uplink")


async def fetch_rectifications(context: Uplink) -> bool:
    """Ask once, and keep what headquarters sends; whether there is more. Raises LinkDown, Rejected."""
    told = await context.read(position, context.office_code)
    sent = await context.link.rectifications(told)
    if (sent.n, sent.hash) != (told.n, told.hash) or sent.anew or sent.rectifications:
        await context.write(apply_copies, context.office_code, sent)
    if sent.rectifications:
        log.info("rectifications copied", number=len(sent.rectifications))
    return sent.more
