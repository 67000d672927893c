"""`python -m ari_app`: the office node's control process. Settings come from the environment."""

import asyncio
import logging
import os
import signal
import sys
import time

import structlog

from ari_app.node import Node
from ari_app.store_writer import AWAY, RETRY_S
from supervision.database import Database
from supervision.errors import DomainError
from supervision.logs import set_up_logging
from supervision.offices.description import OfficeDescription, load_description
from supervision.offices.service import load_office
from supervision.paths import Paths
from supervision.service_manager import notify, stay_alive
from supervision.settings import Settings

# The thread that writes lets go of the interpreter at each statement. While events came it waited Python's 5 ms to
# get it back each time, so that a transaction of ten statements took 100 ms on a busy machine.
SWITCH_S = 0.0005


async def serve(node: Node) -> None:
    """Run the node until SIGTERM or SIGINT."""
    alive = asyncio.create_task(stay_alive())
    task = asyncio.create_task(node.run())
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, task.cancel)
    notify("READY=1")
    try:
        await task
    except asyncio.CancelledError:
        structlog.get_logger("node").info("stopped")
    finally:
        alive.cancel()


def fill_store(database: Database, description: OfficeDescription, *, people_from_hq: bool = False) -> None:
    """Bring the store to what the description says, again and again while the store is away.

    Calls go on meanwhile, by the dialplan alone. Raises DomainError where the description is at fault.
    """
    logged = False
    while True:
        try:
            with database.transaction() as session:
                load_office(session, description, people_from_hq=people_from_hq)
        except AWAY as error:
            if not logged:
                structlog.get_logger("node").warning("the store is away", error=str(error)[:200])
            logged = True
            notify("STATUS=waits for the database")
            time.sleep(RETRY_S[-1])
        else:
            return


def main() -> int:
    """Read the office description, fill the store from it, serve. Exit 2 where the description is at fault."""
    set_up_logging()
    logging.getLogger("panoramisk").setLevel(logging.CRITICAL)  # ami.py says when the wire is lost
    sys.setswitchinterval(SWITCH_S)
    os.umask(0o027)  # what callers say is for this service and its group only
    settings = Settings()
    database = Database(settings.database())
    try:
        description = load_description(Paths(settings.home).office_file)
        fill_store(database, description, people_from_hq=settings.people_from_hq)
    except DomainError as error:
        print(error, file=sys.stderr)  # noqa: T201 - this is the command's answer
        return 2
    Paths(settings.home).spool.mkdir(parents=True, exist_ok=True)
    asyncio.run(serve(Node(settings, description, database)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
