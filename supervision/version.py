"""Which version this is: a release names itself in a file; a checkout has the version of `pyproject.toml`."""

import functools
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def version_in(folder: Path) -> str:
    """The version of the code in a folder, such as `1.0.0rc1+g0a1b2c3`."""
    named = folder / "RELEASE"
    if named.exists():
        return named.read_text("utf-8").strip()
    return str(tomllib.loads((folder / "pyproject.toml").read_text("utf-8"))["project"]["version"])


@functools.cache
def version() -> str:
    """The version of the code that runs; the same for as long as the process does."""
    return version_in(ROOT)
