"""Where Asterisk comes from: this machine's own, or else a Debian forky root made by mmdebstrap.

Debian 12 and 13 carry no Asterisk, so tests and the demo make a root with Asterisk 22 LTS in it, once, under
`.runtime/` (or where `SUPERVISION_PBX_ROOT` says). **For test and demo only:** apt's Valid-Until check is off
while it is made, since a mirror's copy of a testing suite is often older than its stated life; signatures are
checked as ever. An office's real Asterisk is a package of its Debian, with its security updates.

`python -m asterisk.root` (`make pbx`) finds or makes one and prints where it is.
"""

import getpass
import hashlib
import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from asterisk.cache import MissingPart, cache_folder, once, output_of, program

OLDEST = (22, 10, 1)
SUITE = "forky"
PACKAGES = ("asterisk", "asterisk-core-sounds-en-gsm")
RECIPE = 2  # raise it when a root made by the lines below would come out different

Say = Callable[[str], None]


@dataclass(frozen=True)
class Installation:
    """An Asterisk that can be run: inside `root`, or this machine's own where `root` is None."""

    root: Path | None
    version: str

    @property
    def modules(self) -> Path:
        """Asterisk's modules folder, as Asterisk itself sees it. Raises MissingPart if there is none."""
        base = self.root or Path("/")
        found = next(base.glob("usr/lib/*/asterisk/modules"), None)
        if found is None:
            raise MissingPart(
                f"no usr/lib/*/asterisk/modules below {base}: is the asterisk-modules package there?"
            )
        return Path("/") / found.relative_to(base)


def find_or_make(say: Say | None = None) -> Installation:
    """The machine's own Asterisk if it is new enough, else one in a root that is made if need be.

    Raises MissingPart with one sentence saying what this machine lacks.
    """
    own = None if os.environ.get("SUPERVISION_PBX_ROOT") else installed_here()
    if own is not None:
        return own
    folder = root_folder()
    if not (folder / "usr/sbin/asterisk").exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        once(folder, lambda unfinished: make_root(unfinished, say or _to_stderr))
    return Installation(folder, version_in(folder))


def installed_here() -> Installation | None:
    """The Asterisk on this machine's path, if it is at least the oldest that we accept."""
    try:
        version = output_of([program("asterisk", "asterisk"), "-V"], timeout_s=10).strip()
    except MissingPart:
        return None
    return Installation(None, version) if new_enough(version) else None


def new_enough(version: str) -> bool:
    """Whether `asterisk -V`'s answer names at least version 22.10.1 (it fixes 20 advisories)."""
    match = re.search(r"(\d+)\.(\d+)(?:\.(\d+))?", version)
    return match is not None and tuple(int(part or 0) for part in match.groups()) >= OLDEST


def version_in(root: Path) -> str:
    """The version of the Asterisk package in a root, from its dpkg status."""
    status = (root / "var/lib/dpkg/status").read_text("utf-8", "replace")
    match = re.search(r"^Package: asterisk\n(?:.+\n)*?Version: (?:\d+:)?(\S+)", status, re.MULTILINE)
    if match is None:
        raise MissingPart(f"{root} is a root without Asterisk: remove it and run make pbx again")
    return f"Asterisk {match[1]}"


def root_folder() -> Path:
    """Where the root is or will be; another list of packages is another folder."""
    named = os.environ.get("SUPERVISION_PBX_ROOT")
    if named:
        return Path(named).absolute()
    key = hashlib.sha256(f"{RECIPE} {SUITE} {' '.join(PACKAGES)}".encode()).hexdigest()[:10]
    return cache_folder() / f"pbx-{SUITE}-{key}"


def make_root(folder: Path, say: Say) -> None:
    """Fill an empty folder with a Debian root that holds Asterisk, telling what is being done."""
    command = [
        program("mmdebstrap", "mmdebstrap"),
        "--variant=apt",
        f"--mode={'root' if os.geteuid() == 0 else 'unshare'}",
        '--aptopt=Acquire::Check-Valid-Until "false"',
        f"--include={','.join(PACKAGES)}",
        SUITE,
    ]
    say(f"making a Debian {SUITE} root with Asterisk, once (about 350 MB, less than a minute on a good line)")
    if os.geteuid() == 0:
        watched([*command, str(folder), mirror()], say)
        (folder / "etc/hosts").touch()  # asterisk.runtime puts its own in this place
        return
    check_user_namespaces()
    # Taken as a tar and unpacked by ourselves, every file is ours, and `make clean` needs no tricks.
    tar = folder.with_name(folder.name + ".tar")
    try:
        watched([*command, str(tar), mirror()], say)
        output_of(
            [program("tar", "tar"), "-C", folder, "--no-same-owner", "--exclude=./dev/*", "-xf", tar],
            timeout_s=600,
        )
    finally:
        tar.unlink(missing_ok=True)


def check_user_namespaces() -> None:
    """Raise MissingPart, in one sentence, if this user cannot make a root or run what is in it."""
    user = getpass.getuser()
    advice = "; or install Asterisk 22.10.1 or newer, or run `make pbx` as root"
    try:
        output_of([program("unshare", "util-linux"), "--user", "--map-root-user", "--mount", "true"])
    except MissingPart as error:
        raise MissingPart(
            "this kernel does not let an ordinary user make user namespaces: allow them "
            f"(sysctl kernel.unprivileged_userns_clone=1, user.max_user_namespaces=10000){advice}"
        ) from error
    try:
        program("newuidmap", "uidmap")
        _check_range(user)
    except MissingPart as error:
        raise MissingPart(f"{error}{advice}") from error


def _check_range(user: str) -> None:
    for file in (Path("/etc/subuid"), Path("/etc/subgid")):
        owners = [line.split(":")[0] for line in file.read_text().splitlines()] if file.exists() else []
        if user not in owners and str(os.geteuid()) not in owners:
            fix = f"usermod --add-subuids 100000-165535 --add-subgids 100000-165535 {user}"
            raise MissingPart(f"{user} has no range in {file}: {fix}")


def mirror() -> str:
    """The Debian mirror that this machine's own apt uses. Raises MissingPart if it has none."""
    fields = "$(REPO_URI)|$(RELEASE)|$(COMPONENT)"
    lines = output_of([program("apt-get", "apt"), "indextargets", "--format", fields, "Created-By: Packages"])
    found = choose_mirror(lines)
    if found is None:
        raise MissingPart("apt on this machine knows no Debian mirror with component main: add one to its sources")
    return found


def choose_mirror(lines: str) -> str | None:
    """The first plain Debian archive among `uri|release|component` lines, or None.

    Security archives hold no suite like ours, and other vendors' archives no Debian.
    """
    for line in lines.splitlines():
        uri, _, rest = line.partition("|")
        if rest.endswith("|main") and "security" not in line and re.search(r"/debian/?$", uri):
            return uri
    return None


def watched(command: list[str], say: Say) -> None:
    """Run mmdebstrap and pass on its steps as they come."""
    last: list[str] = []
    # Our own words and the mirror of this machine's apt; no shell.
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as made:  # noqa: S603
        if made.stderr is None:  # cannot be: it is a pipe
            raise MissingPart("mmdebstrap's output cannot be read")
        for line in made.stderr:
            last = [*last[-14:], line.rstrip()]
            if line.startswith(("I: ", "W: ", "E: ")):
                say(line[3:].rstrip())
    if made.returncode != 0:
        raise MissingPart("mmdebstrap could not make the root:\n  " + "\n  ".join(last))


def _to_stderr(line: str) -> None:
    sys.stderr.write(f"pbx: {line}\n")
    sys.stderr.flush()


def main() -> int:
    """Find or make an Asterisk and say where it is; 1 with one sentence if that cannot be done."""
    try:
        found = find_or_make()
    except MissingPart as error:
        _to_stderr(str(error))
        return 1
    sys.stdout.write(f"{found.version} in {found.root or 'this machine'}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
