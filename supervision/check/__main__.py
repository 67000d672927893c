"""`python -m supervision.check`: what is weak on this machine, and how to mend it; as root, so that it sees all.

0: nothing is weak. 1: something is. 2: there are no settings, or the home is root's.
"""

import argparse
import dataclasses
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from pydantic import ValidationError

from supervision.check.queries import ENVIRONMENT, HomeOfRoot, gather
from supervision.check.rules import is_weak, rows_of, text_of
from supervision.secret_files import keep_from_others
from supervision.settings import Settings


def main(arguments: Sequence[str] | None = None) -> int:
    """Say what is weak."""
    keep_from_others()
    parser = argparse.ArgumentParser(prog="python -m supervision.check", description=__doc__)
    parser.add_argument("--environment", type=Path, default=ENVIRONMENT, help="the settings; default: %(default)s")
    parser.add_argument("--json", action="store_true", help="for programs")
    given = parser.parse_args(arguments)
    try:
        settings = Settings(_env_file=given.environment if given.environment.exists() else None)
    except ValidationError as error:
        faults = [f"SUPERVISION_{'.'.join(map(str, one['loc'])).upper()}: {one['msg']}" for one in error.errors()]
        sys.stderr.write("\n".join(faults) + "\n")
        return 2
    try:
        rows = rows_of(gather(settings))
    except HomeOfRoot as error:
        sys.stderr.write(f"{error}\n")
        return 2
    sys.stdout.write(json.dumps([dataclasses.asdict(row) for row in rows]) + "\n" if given.json else text_of(rows))
    return 1 if is_weak(rows) else 0


if __name__ == "__main__":
    sys.exit(main())
