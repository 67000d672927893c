"""What a switch from one release to another asks for: pure rules on names, texts and states."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

KEPT = 3
NAME = re.compile(r"[0-9]+(?:\.[0-9]+)*(?:(?:a|b|rc)[0-9]+)?(?:\+[a-z0-9]+(?:\.[a-z0-9]+)*)?")
ASTERISK = "supervision-asterisk.service"
CONTROL = "supervision-control.service"
SITE = "supervision-site.service"
INTAKE = "supervision-intake.service"
WORKER = "supervision-worker.service"
UPLINK = "supervision-uplink.service"
# What nobody waits for comes first: a release that does not run is found before control is restarted.
RESTARTED = (WORKER, UPLINK, INTAKE, SITE, CONTROL)

# A call goes on at the number of its step, which another text may give to another step.
RELOADED_WITHOUT_CALLS: Mapping[str, str] = {"extensions.conf": "dialplan reload"}
# Of Asterisk's files, those that it reads again while calls go on, each with the command for it.
RELOADED_BY: Mapping[str, str] = {
    "ari.conf": "module reload res_ari.so",
    "cdr.conf": "module reload cdr",
    "cel.conf": "module reload cel",
    "cel_sqlite3_custom.conf": "module reload cel_sqlite3_custom.so",
    "hep.conf": "module reload res_hep.so",
    "http.conf": "module reload http",
    "indications.conf": "module reload indications",
    "logger.conf": "logger reload",
    "manager.conf": "manager reload",
    "musiconhold.conf": "moh reload",
    "pjsip.conf": "module reload res_pjsip.so",
    "queuerules.conf": "queue reload rules",
    "queues.conf": "queue reload all",
    "rtp.conf": "module reload res_rtp_asterisk.so",
}
_SECTION = re.compile(r"^\[(?P<name>[^]]+)\](?P<text>[^\[]*)", re.MULTILINE)
_TRANSPORT = re.compile(r"^type *=>? *transport\b", re.MULTILINE)


def is_release(name: str) -> bool:
    """Whether it is the name of a release, such as `1.0.0rc1+g0a1b2c3`; it becomes that of a folder."""
    return NAME.fullmatch(name) is not None


@dataclass(frozen=True)
class Installed:
    """A release that is whole on this machine, and when it came."""

    name: str
    at: float


def outdated(installed: Iterable[Installed], needed: Iterable[str | None], kept: int = KEPT) -> list[str]:
    """The releases to remove: all but the last few, and never one that is needed, now or to go back to."""
    keep = {name for name in needed if name}
    newest = sorted((one for one in installed if one.name not in keep), key=lambda one: one.at, reverse=True)
    return [one.name for one in newest[max(0, kept - len(keep)) :]]


@dataclass(frozen=True)
class AsteriskChange:
    """What a running Asterisk must do about its new files.

    Commands while calls go on; commands for a moment without a call; why it must be restarted.
    """

    reload: tuple[str, ...] = ()
    quiet: tuple[str, ...] = ()
    restart_because: tuple[str, ...] = ()


def asterisk_change(before: Mapping[str, str], after: Mapping[str, str]) -> AsteriskChange:
    """Compare the texts of Asterisk's files by their names.

    A list of modules, a file without a command and a transport of SIP are read at its start only.
    """
    changed = sorted(name for name in {*before, *after} if before.get(name) != after.get(name))
    because = [name for name in changed if name not in {*RELOADED_BY, *RELOADED_WITHOUT_CALLS}]
    if "pjsip.conf" in changed and transports(before.get("pjsip.conf", "")) != transports(
        after.get("pjsip.conf", "")
    ):
        because.append("a transport in pjsip.conf")
    reload, quiet = (
        tuple(by[name] for name in changed if name in by) for by in (RELOADED_BY, RELOADED_WITHOUT_CALLS)
    )
    return AsteriskChange(reload, quiet, tuple(because))


def transports(pjsip: str) -> dict[str, str]:
    """The sections of `pjsip.conf` that are transports."""
    return {one["name"]: one["text"].strip() for one in _SECTION.finditer(pjsip) if _TRANSPORT.search(one["text"])}


def restarts(active: Iterable[str]) -> list[str]:
    """Our processes to restart, in their order: all that run, since each reads its code from the release.

    Asterisk is none of them: it reads no code of ours, and holds the calls.
    """
    running = set(active)
    return [unit for unit in RESTARTED if unit in running]


def directives(unit: str) -> list[str]:
    """The lines of a unit that say something to systemd."""
    return [
        line.strip() for line in unit.splitlines() if line.strip() and not line.lstrip().startswith(("#", ";"))
    ]


def removed_units(before: Iterable[str], after: Iterable[str]) -> list[str]:
    """The units that a release no longer brings."""
    return sorted(set(before) - set(after))


def parse_manifest(text: str) -> dict[str, str]:
    """The hash of each file by its path, from lines as `sha256sum` writes them. Raises ValueError."""
    found = {}
    for line in text.splitlines():
        digest, _, path = line.partition("  ")
        if (
            not re.fullmatch(r"[0-9a-f]{64}", digest)
            or not path
            or path.startswith("/")
            or ".." in path.split("/")
        ):
            raise ValueError(f"not a line of a manifest: {line[:100]!r}")
        found[path] = digest
    return found


def manifest_text(hashes: Mapping[str, str]) -> str:
    """The same as text, for `sha256sum --check`."""
    return "".join(f"{hashes[path]}  {path}\n" for path in sorted(hashes))


def differences(promised: Mapping[str, str], found: Mapping[str, str]) -> list[str]:
    """What is wrong with a release's files, as sentences; none if they are as its manifest says."""
    missing = [f"{path} is missing" for path in sorted(promised.keys() - found.keys())]
    foreign = [f"{path} is not of this release" for path in sorted(found.keys() - promised.keys())]
    changed = [
        f"{path} was changed" for path in sorted(promised) if path in found and promised[path] != found[path]
    ]
    return missing + changed + foreign


def parse_environment(text: str) -> dict[str, str]:
    """An EnvironmentFile of systemd's: `NAME=value` lines; a value may stand in quotation marks."""
    found = {}
    for line in text.splitlines():
        name, sign, value = line.strip().partition("=")
        if sign and re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
            quoted = len(value) >= 2 and value[0] == value[-1] and value[0] in "\"'"
            found[name] = value[1:-1] if quoted else value
    return found


def wheels_for(lock: str, holds: "Mapping[str, bool]") -> str:
    """A hash-locked list without environment markers: of the marked packages, those whose marker holds."""
    blocks = re.split(r"^(?=[A-Za-z0-9])", lock, flags=re.MULTILINE)
    kept = []
    for block in blocks[1:]:
        head, _, rest = block.partition("\n")
        pin, semicolon, marker = head.rstrip("\\ ").partition(" ; ")
        if not semicolon or holds[marker.strip()]:
            kept.append(f"{pin} \\\n{rest}")
    return "".join(kept)


def markers_of(lock: str) -> Sequence[str]:
    """The environment markers in a hash-locked list."""
    return sorted(set(re.findall(r"^[A-Za-z0-9][^;\n]* ; ([^\\\n]+?) *\\?$", lock, re.MULTILINE)))
