"""`python -m supervision.audit`: the audit log as files, for `verify_audit.py` and for keeping elsewhere.

export [--log CODE.EPOCH]   the log of this machine, or at headquarters that of a node, one entry a line
heads                       the heads that are kept here, one a line
"""

import argparse
import sys
from collections.abc import Iterable, Sequence

from sqlalchemy.exc import OperationalError, ProgrammingError
from sqlalchemy.orm import Session

from supervision.audit.queries import exported, exported_heads, parse_chain, read_links
from supervision.database import Database
from supervision.secret_files import keep_from_others
from supervision.settings import Settings


def main(arguments: Sequence[str] | None = None) -> int:
    """Write what is asked for; 0 if it was done, 1 with a sentence on standard error if not."""
    keep_from_others()
    parser = argparse.ArgumentParser(
        prog="python -m supervision.audit",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True)
    export = commands.add_parser("export", help="the log, one entry a line")
    export.add_argument("--log", type=parse_chain, help="of a node, as its page at headquarters names it")
    commands.add_parser("heads", help="the heads that are kept here")
    given = parser.parse_args(arguments)
    database = Database(Settings().database())
    try:
        with database.reading() as session:
            sys.stdout.writelines(_lines(session, given))
    except (OperationalError, ProgrammingError) as error:
        sys.stderr.write(f"The database cannot be used ({error.orig}). Try: python -m supervision.store upgrade\n")
        return 1
    finally:
        database.close()
    return 0


def _lines(session: Session, given: argparse.Namespace) -> Iterable[str]:
    return exported_heads(session) if given.command == "heads" else exported(read_links(session, given.log))


if __name__ == "__main__":
    sys.exit(main())
