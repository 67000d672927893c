"""`python -m supervision.reconcile`: compare all witnesses now, and say what disagrees.

Writes the incidents as the worker's run of each minute does. 0: nothing disagrees. 1: something does.
2: it could not be looked at.
"""

import sys

from sqlalchemy.exc import SQLAlchemyError

from supervision.clock import now
from supervision.database import Database
from supervision.reconcile.place import Place
from supervision.reconcile.service import look, write_down
from supervision.settings import Settings


def main() -> int:
    """Run once and print each disagreement in a line."""
    settings = Settings()
    database = Database(settings.database())
    at = now()
    try:
        with database.reading() as session:
            looked = look(session, Place.of(settings), at)
        with database.transaction() as session:
            outcome = write_down(session, looked, at)
    except SQLAlchemyError as error:
        print(f"the database does not answer: {type(error).__name__}", file=sys.stderr)  # noqa: T201 - the answer
        return 2
    finally:
        database.close()
    for one in looked.found:
        numbers = " ".join(f"{name}={value}" for name, value in one.numbers.items())
        print(f"{one.office_code}  {one.matter.value:<20} {one.subject}  {numbers}")  # noqa: T201 - the answer
    print(  # noqa: T201 - the answer
        f"{outcome.calls} calls looked at, {outcome.disagreements} disagreements, "
        f"{outcome.opened} of them new, {outcome.healed} healed"
    )
    return 1 if looked.found else 0


if __name__ == "__main__":
    sys.exit(main())
