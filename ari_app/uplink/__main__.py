"""`python -m ari_app.uplink`: sends this office's recordings and facts to headquarters, for ever."""

import asyncio
import logging
import signal
import ssl
import sys

import httpx
import structlog

from ari_app.uplink.certificates import Renewer
from ari_app.uplink.checkpoints import Keeper
from ari_app.uplink.draws import Drawer
from ari_app.uplink.evaluations import Reader
from ari_app.uplink.facts import Teller
from ari_app.uplink.link import Link, client
from ari_app.uplink.orders import Asker
from ari_app.uplink.parts import Sender
from ari_app.uplink.people import Follower
from ari_app.uplink.rectifications import Receiver
from supervision import logs
from supervision.database import Database
from supervision.errors import DomainError
from supervision.offices.description import load_description
from supervision.paths import Paths
from supervision.secret_files import keep_from_others
from supervision.settings import Settings

log = structlog.get_logger("uplink")


async def serve(settings: Settings, office_code: str, database: Database) -> None:
    """Send until SIGTERM or SIGINT."""
    paths = Paths(settings.home)

    def connect() -> httpx.AsyncClient:
        return client(settings.hq_url, paths, settings.uplink_connections + 5)

    link = Link(connect())
    try:
        sender = Sender(link, paths, database, settings.uplink_connections, settings.uplink_bytes_per_s)
        all_of_it = asyncio.gather(
            sender.run(),
            Teller(link, database, office_code).run(),
            Drawer(link, database, office_code, paths).run(),
            Asker(link, database).run(),
            Follower(link, database, office_code, settings).run(),
            Keeper(link, database, office_code).run(),
            Reader(link, database, office_code).run(),
            Receiver(link, database, office_code).run(),
            Renewer(link, database, office_code, paths, connect).run(),
        )
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, all_of_it.cancel)
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
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        logger_factory=logs.lines(),
    )
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
