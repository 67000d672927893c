"""The images that the tests run: the release as it is here, on a base made by mmdebstrap."""

import contextlib
import hashlib
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from asterisk.cache import cache_folder, locked
from releases.build import fetch_wheels, fill
from releases.layout import MANIFEST, hashes_of
from releases.rules import manifest_text
from tests.docker.engine import Engine
from tests.hosts import root

PYTHON = "3.13"  # of Debian 13
NAME = "1.0.0+gtested"
TARGETS = ("office", "hq", "nginx", "database")


def say(line: str) -> None:
    """A line of progress."""
    sys.stderr.write(f"containers: {line}\n")


def lay_release(folder: Path) -> None:
    """Unpack the release of this very checkout into an empty folder."""
    fill(folder, NAME)
    shutil.copytree(fetch_wheels(PYTHON), folder / "wheels", dirs_exist_ok=True)
    (folder / MANIFEST).write_text(manifest_text(hashes_of(folder)), "utf-8")
    (folder / "docker/.env").write_text("HQ_HOST=hq.example\n", "utf-8")  # an operator's: no part of it


@contextlib.contextmanager
def engine() -> Iterator[Engine]:
    """An engine with the storage that is kept in the cache, for one process at a time."""
    folder = cache_folder() / "containers"
    folder.mkdir(exist_ok=True)
    with locked(folder / "lock"), Engine(folder) as one:
        yield one


def base(one: Engine) -> str:
    """The image of the base, made of the root that the booted machines have."""
    made = root.find_or_make(say)
    name = f"localhost/supervision-base-{hashlib.sha256(made.name.encode()).hexdigest()[:10]}"
    if not one.has(name):
        say("taking the base in, once")
        one.take_in(made, name)
    return name


def build(one: Engine, *targets: str) -> None:
    """Build the targets, each under the name by which the compose files know it; what is unchanged is kept."""
    arguments = {"BASE": base(one)}
    with tempfile.TemporaryDirectory() as temporary:
        context = Path(temporary) / "release"
        context.mkdir()
        lay_release(context)
        for target in targets:
            one.build(context, target, f"supervision-{target}", arguments)
    one.podman("image", "prune", "--force")  # what earlier builds left
