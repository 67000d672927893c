"""`python -m ari_app.uplink`: sends this office's recordings and facts to headquarters, for ever."""

import asyncio
import signal
import ssl
import sys
from collections.abc import Callable
from functools import partial

import httpx
import structlog

from ari_app.uplink.certificates import renew_certificates
from ari_app.uplink.checkpoints import CheckpointKeeper
from ari_app.uplink.copies import EVALUATIONS, RECORDS, RECTIFICATIONS, fetch_copies
from ari_app.uplink.draws import exchange_draws
from ari_app.uplink.facts import FactSender
from ari_app.uplink.link import Link, client
from ari_app.uplink.orders import exchange_orders
from ari_app.uplink.parts import RETRY_S, Sender
from ari_app.uplink.people import fetch_people
from ari_app.uplink.rosters import fetch_roster
from ari_app.uplink.streams import Stream, Uplink
from supervision.database import Database
from supervision.draws.share_files import ShareFiles
from supervision.errors import DomainError
from supervision.logs import set_up_logging
from supervision.offices.description import load_description
from supervision.paths import Paths
from supervision.secret_files import keep_from_others
from supervision.service_manager import notify, stay_alive
from supervision.settings import Settings

log = structlog.get_logger("uplink")


def streams_of(
    context: Uplink, paths: Paths, settings: Settings, connect: Callable[[], httpx.AsyncClient]
) -> tuple[Stream, ...]:
    """What passes between this node and headquarters, and how often. The recordings have a loop of their own."""
    return (
        Stream("facts", FactSender(context).send_once, every_s=0.2, more_s=0.0, again_s=RETRY_S),
        Stream("draws", partial(exchange_draws, context, ShareFiles(paths)), every_s=15.0, more_s=0.5),
        Stream("orders", partial(exchange_orders, context), every_s=60.0),
        Stream("people", partial(fetch_people, context, settings), every_s=5.0),
        Stream("roster", partial(fetch_roster, context), every_s=3.0),
        Stream("checkpoints", CheckpointKeeper(context).fetch_once, every_s=60.0),
        Stream("evaluations", partial(fetch_copies, context, EVALUATIONS), every_s=30.0, more_s=0.0),
        Stream("rectifications", partial(fetch_copies, context, RECTIFICATIONS), every_s=30.0, more_s=0.0),
        Stream("records", partial(fetch_copies, context, RECORDS), every_s=30.0, more_s=0.0),
        Stream(
            "certificates",
            partial(renew_certificates, context, paths, connect),
            every_s=24 * 3600.0,
            again_s=(600.0,),
        ),
    )


async def serve(settings: Settings, office_code: str, database: Database) -> None:
    """Send until SIGTERM or SIGINT."""
    paths = Paths(settings.home)

    def connect() -> httpx.AsyncClient:
        return client(settings.hq_url, paths, settings.uplink_connections + 5)

    link = Link(connect())
    try:
        sender = Sender(link, paths, database, settings.uplink_connections, settings.uplink_bytes_per_s)
        streams = streams_of(Uplink(link, database, office_code), paths, settings, connect)
        all_of_it = asyncio.gather(stay_alive(), sender.run(), *(stream.run() for stream in streams))
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, all_of_it.cancel)
        notify("READY=1")
        log.info("uplink started", hq=settings.hq_url, office=office_code)
        try:
            await all_of_it
        except asyncio.CancelledError:
            log.info("stopped")
    finally:
        await link.close()


def main() -> int:
    """Exit 2 where the office description, the address or the certificate is at fault."""
    keep_from_others()
    set_up_logging()
    settings = Settings()
    if not settings.hq_url.startswith("https://"):
        print("SUPERVISION_HQ_URL must be headquarters' address, https://…", file=sys.stderr)  # noqa: T201
        return 2
    database = Database(settings.database())
    try:
        code = load_description(Paths(settings.home).office_file).office.code
        asyncio.run(serve(settings, code, database))
    except (DomainError, ssl.SSLError, FileNotFoundError, PermissionError) as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)  # noqa: T201 - this is the command's answer
        return 2
    finally:
        database.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
