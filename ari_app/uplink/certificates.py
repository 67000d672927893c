"""The node's certificate: a new one is asked for each day, replaces the old one, and is used from then on."""

import asyncio
from collections.abc import Callable

import httpx
import structlog

from ari_app.uplink.link import ANSWER_S, Renewed
from ari_app.uplink.streams import Uplink
from supervision.certificates.service import served_ending, take_renewed
from supervision.machines.service import note_endings
from supervision.paths import Paths

log = structlog.get_logger("uplink")


async def renew_certificates(context: Uplink, paths: Paths, connect: Callable[[], httpx.AsyncClient]) -> bool:
    """Ask once, and end the connections from before where something was renewed; whether it was."""
    old = await renew_once(context, paths, connect)
    if old is None:
        return False
    await asyncio.sleep(2 * ANSWER_S)  # something may be under way on them
    await old.aclose()
    return True


async def renew_once(
    context: Uplink, paths: Paths, connect: Callable[[], httpx.AsyncClient]
) -> httpx.AsyncClient | None:
    """Ask once; the connections from before, to be closed, where something was renewed.

    `connect` makes connections that show what is in its place now.
    Raises LinkDown, Rejected, InvalidInput, OSError.
    """
    renewed = await context.link.certificates()
    if not await take_certificates(context, paths, renewed):
        return None
    log.info("certificates renewed")
    return context.link.use(connect())


async def take_certificates(context: Uplink, paths: Paths, renewed: Renewed) -> bool:
    """Put in place what is new, and say it where headquarters itself shows a certificate that runs out."""
    if renewed.served is not None:
        served = served_ending(renewed.served)
        await context.write(note_endings, context.office_code, [served], context.clock())
    return await asyncio.to_thread(take_renewed, paths, renewed.certificate, renewed.authority)
