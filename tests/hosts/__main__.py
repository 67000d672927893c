"""`make hosts`: the story of a bureau on booted machines, from bare Debian to its end, with each step's time.

As root; about fifteen minutes. `--only deploy` and so on ends after that step.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from asterisk.cache import MissingPart
from tests.hosts import steps
from tests.hosts.bureau import Bureau, PlayFailed
from tests.pbx.softphone import NoAnswer

_BEGAN = time.monotonic()


def say(line: str) -> None:
    """A line of progress."""
    sys.stdout.write(f"{time.monotonic() - _BEGAN:6.1f} s  {line}\n")
    sys.stdout.flush()


def main() -> int:
    """0 if every step held; 1 with a sentence at the first that did not."""
    parser = argparse.ArgumentParser(prog="python -m tests.hosts", description=__doc__)
    parser.add_argument("--until", choices=[step.__name__ for step in steps.STEPS], help="end after this step")
    parser.add_argument("--offices", type=int, default=2)
    given = parser.parse_args()
    codes = [f"{7 + 5 * n:02}" for n in range(given.offices)]
    failed = []
    try:
        with tempfile.TemporaryDirectory(prefix="releases.") as folder:
            first, second = steps.two_releases(Path(folder))
            say(f"two releases: {first.name}, {second.name}")
            with Bureau({code: steps.office(code) for code in codes}, first, say) as bureau:
                for step in steps.STEPS:
                    if not _held(step, bureau, second):
                        failed.append(step.__name__)
                    if step.__name__ == given.until or failed == ["deploy"]:
                        break
    except MissingPart as error:
        say(f"this machine lacks something: {error}")
        return 1
    say(f"NOT HELD: {', '.join(failed)}" if failed else "every step held")
    say("everything is taken away")
    return 1 if failed else 0


def _held(step: Callable[[Bureau, Path], str], bureau: Bureau, second: Path) -> bool:
    say(f"{step.__name__} …")
    try:
        say(f"  {step(bureau, second)}")
    except (MissingPart, PlayFailed, NoAnswer, AssertionError, subprocess.TimeoutExpired) as error:
        say(f"  NOT HELD: {error}")
        return False
    return True


if __name__ == "__main__":
    raise SystemExit(main())
