"""Where a machine keeps its releases, and what of the system belongs to them."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from releases.rules import Installed, is_release

MANIFEST = "MANIFEST"
COMPLETE = ".installed"
OURS = ".venv"  # made on the machine, so that no manifest has it


@dataclass(frozen=True)
class Layout:
    """The folders below `root`; another than `/` in tests only."""

    root: Path = Path("/")

    @property
    def releases(self) -> Path:
        """One folder for each release."""
        return self.root / "opt/supervision"

    def release(self, name: str) -> Path:
        """A release's folder. Raises ValueError for what is no release's name."""
        if not is_release(name):
            raise ValueError(f"not the name of a release: {name!r}")
        return self.releases / name

    @property
    def current(self) -> Path:
        """The link to the release in use."""
        return self.releases / "current"

    @property
    def previous(self) -> Path:
        """The link to the release that was in use before."""
        return self.releases / "previous"

    @property
    def lock(self) -> Path:
        """Held by whoever changes something here."""
        return self.releases / ".lock"

    @property
    def pending(self) -> Path:
        """What is left to do for Asterisk."""
        return self.releases / "asterisk-pending.json"

    @property
    def units(self) -> Path:
        """Where systemd looks for units of the machine's own."""
        return self.root / "etc/systemd/system"

    @property
    def sysusers(self) -> Path:
        """Our users, for systemd-sysusers."""
        return self.root / "etc/sysusers.d/supervision.conf"

    @property
    def tmpfiles(self) -> Path:
        """Our folders below /run, for systemd-tmpfiles."""
        return self.root / "etc/tmpfiles.d/supervision.conf"

    @property
    def environment(self) -> Path:
        """The settings of all processes of this machine."""
        return self.root / "etc/supervision/supervision.env"

    def installed(self) -> list[Installed]:
        """The releases that are whole, the oldest first."""
        marks = [
            one / COMPLETE for one in self.releases.glob("*") if is_release(one.name) and not one.is_symlink()
        ]
        found = [Installed(mark.parent.name, mark.stat().st_mtime) for mark in marks if mark.exists()]
        return sorted(found, key=lambda one: one.at)

    def name_of(self, link: Path) -> str | None:
        """The release to which a link leads; None without one."""
        return link.readlink().name if link.is_symlink() else None


def files_of(folder: Path) -> Iterator[Path]:
    """All files of a release but its manifest and what was made on the machine, relative to its folder."""
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        made_here = inside.parts[0] == OURS or "__pycache__" in inside.parts or str(inside) in {MANIFEST, COMPLETE}
        if not made_here and (path.is_symlink() or not path.is_dir()):
            yield inside


def hashes_of(folder: Path) -> dict[str, str]:
    """The SHA-256 of each of them."""
    return {str(one): hash_of(folder / one) for one in files_of(folder)}


def hash_of(file: Path) -> str:
    """The SHA-256 of a file."""
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def lock_name(python: str) -> str:
    """The list, among the wheels, of those for a Python of that version."""
    return f"python{python}.lock"
