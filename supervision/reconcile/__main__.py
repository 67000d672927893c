"""`python -m supervision.reconcile`: compare all witnesses now, and say what disagrees.

Writes the incidents as the worker's run of each minute does. With `--scrub` the content of recordings is looked
through: of all that is due, of one call, or of a period's. 0: all is as it should be. 1: something is not.
2: it could not be looked at.
"""

import argparse
import sys
import uuid
from collections.abc import Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from supervision.clock import now
from supervision.database import Database
from supervision.incidents.models import Incident
from supervision.incidents.rules import Cause
from supervision.reconcile import scrub
from supervision.reconcile.service import write_down
from supervision.reconcile.site import Site
from supervision.reconcile.tasks import look_twice
from supervision.secret_files import keep_from_others
from supervision.settings import Settings

FIRST, LAST = date(2000, 1, 1), date(2999, 12, 31)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run once and print each thing that is wrong in a line."""
    keep_from_others()
    parser = _parser()
    given = parser.parse_args(arguments)
    if not given.scrub and (given.call or given.since or given.until):
        parser.error("--call, --from and --to go with --scrub")
    settings = Settings()
    database = Database(settings.database())
    try:
        return _scrub(database, settings, given) if given.scrub else _compare(database, settings)
    except SQLAlchemyError as error:
        print(f"the database does not answer: {type(error).__name__}", file=sys.stderr)  # noqa: T201 - the answer
        return 2
    finally:
        database.close()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m supervision.reconcile", description=__doc__)
    parser.add_argument("--scrub", action="store_true", help="look through the content of recordings")
    parser.add_argument("--call", type=uuid.UUID, metavar="ID", help="of this call")
    parser.add_argument("--from", dest="since", type=date.fromisoformat, metavar="DAY", help="from this day on")
    parser.add_argument("--to", dest="until", type=date.fromisoformat, metavar="DAY", help="up to this day")
    return parser


def _compare(database: Database, settings: Settings) -> int:
    at = now()
    looked = look_twice(database, Site.of(settings), at)
    with database.transaction() as session:
        outcome = write_down(session, looked, at)
    for one in looked.found:
        numbers = " ".join(f"{name}={value}" for name, value in one.numbers.items())
        print(f"{one.office_code}  {one.cause.value:<20} {one.subject}  {numbers}")  # noqa: T201 - the answer
    print(  # noqa: T201 - the answer
        f"{outcome.calls} calls looked at, {outcome.disagreements} disagreements, "
        f"{outcome.opened} of them new, {outcome.healed} healed"
    )
    return 1 if looked.found else 0


def _scrub(database: Database, settings: Settings, given: argparse.Namespace) -> int:
    days = (given.since or FIRST, given.until or LAST) if given.since or given.until else None
    made = 0
    if days is not None or given.call is not None:
        with database.transaction() as session:
            made = scrub.make_due(session, now(), call_id=given.call, days=days)
    done = 0
    while scrub.scrub_next(database, settings):
        done += 1
    wrong = _open(database)
    for one in wrong:
        print(f"{one.office_code}  {one.cause.value:<20} {one.subject}  {one.detail}")  # noqa: T201 - the answer
    print(f"{made} recordings made due, {done} looked through")  # noqa: T201 - the answer
    return 1 if wrong else 0


def _open(database: Database) -> Sequence[Incident]:
    wrong = Incident.cause == Cause.CONTENT_CHANGED, Incident.healed_at.is_(None), Incident.received.is_(False)
    with database.reading() as session:
        return session.scalars(select(Incident).where(*wrong).order_by(Incident.subject)).all()


if __name__ == "__main__":
    sys.exit(main())
