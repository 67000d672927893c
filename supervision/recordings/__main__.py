"""`python -m supervision.recordings CALL`: make a damaged sealed file again from its raw parts.

Where it is as it was sealed, nothing is done. 0: the recording is whole. 1: it is not, and the reason is printed.
"""

import argparse
import sys
import uuid
from collections.abc import Sequence

from sqlalchemy.exc import OperationalError, ProgrammingError

from supervision.database import Database
from supervision.errors import DomainError
from supervision.incidents.queries import open_causes
from supervision.incidents.rules import Cause
from supervision.recordings.models import RecordingState
from supervision.recordings.tasks import seal_call
from supervision.secret_files import keep_from_others
from supervision.settings import Settings
from supervision.task import Worker


def main(arguments: Sequence[str] | None = None) -> int:
    """Seal it again, and print what came of it."""
    keep_from_others()
    parser = argparse.ArgumentParser(prog="python -m supervision.recordings", description=__doc__)
    parser.add_argument("call", type=uuid.UUID, help="the call's id, as its page's address ends")
    call_id: uuid.UUID = parser.parse_args(arguments).call
    settings = Settings()
    database = Database(settings.database())
    try:
        state = seal_call(Worker(settings, database), call_id)
        with database.reading() as session:
            failed = open_causes(session, str(call_id), {Cause.SEALING_FAILED})
    except DomainError as error:
        sys.stderr.write(f"Not done: {error}\n")
        return 1
    except (OperationalError, ProgrammingError) as error:
        sys.stderr.write(f"The database cannot be used ({error.orig}). Try: python -m supervision.store upgrade\n")
        return 1
    finally:
        database.close()
    if failed or state is not RecordingState.READY:
        sys.stderr.write("Not sealed: see the log and the call's incidents. Restore the file from a copy.\n")
        return 1
    sys.stdout.write(f"The recording of call {call_id} is whole.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
