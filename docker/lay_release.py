"""In a build: lay the release that the build context is into /opt/supervision, and make it the current one.

The same as `scripts/release.sh install` on a machine, but for systemd, which an image has not.
"""

import shutil
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(HERE))

from releases.install import install  # noqa: E402 - found by the line above
from releases.layout import Layout  # noqa: E402
from releases.machine import Failed, Machine  # noqa: E402


class Image(Machine):
    """A root without systemd; `users.sh` has made users and folders."""

    def make_users_and_folders(self) -> None:
        """Nothing."""


def main() -> int:
    """Lay it, without what an operator put beside it, and without the wheels, which are installed by then."""
    layout = Layout()
    (HERE / "docker/.env").unlink(missing_ok=True)
    shutil.rmtree(HERE / "docker/packages", ignore_errors=True)
    try:
        install(HERE, Image(layout))
    except Failed as error:
        sys.stderr.write(f"{error}\n")
        return 1
    name = (HERE / "RELEASE").read_text("utf-8").strip()
    shutil.rmtree(layout.release(name) / "wheels")
    layout.current.symlink_to(name)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
