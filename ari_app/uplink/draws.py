"""Messages about draws: every few seconds this node sends how each of its draws stands, and applies the answer."""

from ari_app.uplink.streams import Uplink
from supervision.draws.node import apply_answers, write_message
from supervision.draws.share_files import ShareFiles


async def exchange_draws(context: Uplink, files: ShareFiles) -> bool:
    """One message and its answer; whether anything moved. Raises LinkDown, Rejected.

    What is due by this node's own clock is done first, whether headquarters can be reached or not.
    """
    message = await context.write(write_message, files, context.office_code, context.clock())
    answer = await context.link.draws(message)
    return await context.write(apply_answers, files, context.office_code, answer, context.clock())
