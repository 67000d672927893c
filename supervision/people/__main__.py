"""`python -m supervision.people first-admin --login … --name …`: the first two security administrators, in turn.

The password is asked for, or read from standard input where that is not a terminal.
"""

import argparse
import getpass
import sys
from collections.abc import Sequence

from sqlalchemy.exc import OperationalError, ProgrammingError

from supervision.database import Database
from supervision.errors import DomainError, InvalidInput
from supervision.people.passwords import prepared
from supervision.people.service import create_first_administrator
from supervision.secret_files import keep_from_others
from supervision.settings import Settings


def main(arguments: Sequence[str] | None = None) -> int:
    """Make the account; 0 if it was made, 1 with a sentence on standard error if not."""
    keep_from_others()
    parser = argparse.ArgumentParser(prog="python -m supervision.people", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    first = commands.add_parser("first-admin", help="make one of the first two security administrators")
    first.add_argument("--login", required=True, help="sign-in name: small letters, digits, . - _")
    first.add_argument("--name", required=True, help="the person's name, as it is shown")
    given = parser.parse_args(arguments)
    database = Database(Settings().database())
    try:
        password = prepared(given.login, _password())
        with database.transaction() as session:
            create_first_administrator(session, given.login, given.name, password)
    except DomainError as error:
        sys.stderr.write(f"{_sentence(error)}\n")
        return 1
    except (OperationalError, ProgrammingError) as error:
        sys.stderr.write(f"The database cannot be used ({error.orig}). Try: python -m supervision.store upgrade\n")
        return 1
    finally:
        database.close()
    sys.stdout.write(f"{given.login} is a security administrator.\n")
    return 0


def _password() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    password = getpass.getpass("Password: ")
    if getpass.getpass("Password again: ") != password:
        raise InvalidInput("password", "the two do not agree")
    return password


def _sentence(error: DomainError) -> str:
    if str(error) == "security_administrator_exists":
        return "Refused: there are two security administrators already, who make all other accounts."
    return f"Not done: {error}"


if __name__ == "__main__":
    sys.exit(main())
