"""`python -m supervision.machines metrics --out FILE`: write all machines' figures, at headquarters."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from supervision.clock import now
from supervision.database import Database
from supervision.machines.metrics import write_metrics
from supervision.secret_files import keep_from_others
from supervision.settings import Settings


def main(arguments: Sequence[str] | None = None) -> int:
    """0; 1 with a sentence where the database cannot be read or the file cannot be written."""
    parser = argparse.ArgumentParser(prog="python -m supervision.machines", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    metrics = commands.add_parser("metrics", help="write the figures to a file that node_exporter reads")
    metrics.add_argument("--out", type=Path, required=True, help="the file; its name ends in .prom")
    given = parser.parse_args(arguments)
    keep_from_others()
    database = Database(Settings().database())
    try:
        with database.reading() as session:
            write_metrics(session, given.out, now())
    except (SQLAlchemyError, OSError) as error:
        sys.stderr.write(f"{given.out} was not written: {error}\n")
        return 1
    finally:
        database.close()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
