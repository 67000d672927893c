"""What a machine shows of itself: files, sockets, units, Asterisk. Nothing here decides what is weak."""

import hashlib
import os
import pwd
import re
import shutil
import socket
import ssl
import stat
import struct
import subprocess
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from supervision import store
from supervision.actor import Role
from supervision.certificates.rules import Ending, warns
from supervision.certificates.service import list_endings, list_node_endings, served_ending
from supervision.check.rules import Ends, File, Listener
from supervision.clock import local, now
from supervision.database import Database
from supervision.errors import DomainError
from supervision.incidents.models import Incident
from supervision.incidents.rules import Cause
from supervision.paths import HqPaths, Paths
from supervision.people.models import Account
from supervision.settings import Mode, Settings

COMMAND_S = 20.0
TLS_PORTS = (443, 8443)
CHOSEN_BY_OTHERS = {"smtp"}  # the mail server's own
OF_ASTERISK = ("ari", "ami", "hep")
OF_MACHINES = frozenset({Cause.CERTIFICATE_ENDS, Cause.DISK_LOW, Cause.DISK_FAULT, Cause.BACKLOG_OLD}) | {
    cause for cause in Cause if cause.value.startswith("backup_")
}
TABLES = {"tcp": socket.AF_INET, "tcp6": socket.AF_INET6, "udp": socket.AF_INET, "udp6": socket.AF_INET6}
LISTENS = {"tcp": "0A", "tcp6": "0A", "udp": "07", "udp6": "07"}

Ask = Callable[[str], str]


def said(*command: str) -> str | None:
    """What a command says; None where it is not there or fails."""
    with suppress(OSError, subprocess.TimeoutExpired):
        done = subprocess.run(command, capture_output=True, text=True, timeout=COMMAND_S, check=False)  # noqa: S603
        return done.stdout if done.returncode == 0 else None
    return None


def files(paths: Iterable[Path]) -> list[File]:
    """Those of them that are there, and whose they are."""
    return [_file(one) for one in paths if one.exists()]


def _file(path: Path) -> File:
    found = path.stat()
    try:
        owner = pwd.getpwuid(found.st_uid).pw_name
    except KeyError:
        owner = str(found.st_uid)
    return File(str(path), owner, found.st_mode & 0o7777)


def changed_files(manifest: Path) -> str:
    """What `sha256sum` says of the files of a release; nothing where all are as its manifest says."""
    command = ["sha256sum", "--check", "--quiet", manifest.name]
    done = subprocess.run(command, cwd=manifest.parent, capture_output=True, text=True, check=False)  # noqa: S603
    return done.stdout if done.returncode else ""


def in_container() -> bool:
    """Whether its disks and clock are another machine's."""
    return said("systemd-detect-virt", "--container") is not None


def is_encrypted(folder: Path, devices: Path = Path("/sys/dev/block")) -> bool:
    """Whether a disk, or the file system of a file or folder, is on dm-crypt, directly or below LVM."""
    found = folder.stat()
    device = found.st_rdev if stat.S_ISBLK(found.st_mode) else found.st_dev
    return _crypted(devices / f"{os.major(device)}:{os.minor(device)}")


def plain_disks(databases: Path = Path("/etc/postgresql"), swaps: Path = Path("/proc/swaps")) -> list[str]:
    """PostgreSQL's data and swap, where these are not on dm-crypt."""
    texts = [text_in(one) for one in sorted(databases.glob("*/*/postgresql.conf"))]
    found = [
        Path(one) for text in texts for one in re.findall(r"^data_directory *=? *'([^']+)'", text, re.MULTILINE)
    ]
    plain = [f"PostgreSQL's {one}" for one in found if one.exists() and not is_encrypted(one)]
    used = [Path(line.split()[0]) for line in text_in(swaps).splitlines()[1:] if not line.startswith("/dev/zram")]
    return plain + [f"swap on {one}" for one in used if one.exists() and not is_encrypted(one)]


def wants_restart(mark: Path = Path("/run/reboot-required")) -> list[str]:
    """The packages for which Debian wants the machine restarted."""
    if not mark.exists():
        return []
    return sorted(set(text_in(mark.with_name(f"{mark.name}.pkgs")).split())) or ["a package"]


def text_in(file: Path) -> str:
    """The text of a file; nothing where it is not there or not for us."""
    try:
        return file.read_text("utf-8")
    except OSError:
        return ""


def _crypted(device: Path) -> bool:
    with suppress(OSError):
        if (device / "dm/uuid").read_text("ascii").startswith("CRYPT-"):
            return True
    return any(_crypted(one) for one in (device / "slaves").glob("*"))


def listeners(tables: Path = Path("/proc/net")) -> Iterator[Listener]:
    """Where somebody listens, by the kernel's own tables."""
    for name, family in TABLES.items():
        with suppress(OSError):
            for line in (tables / name).read_text("ascii").splitlines()[1:]:
                _number, place, _peer, state, *_rest = line.split()
                address, _, port = place.partition(":")
                if state == LISTENS[name]:
                    yield Listener(int(port, 16), _address(address, family))


def _address(text: str, family: socket.AddressFamily) -> str:
    words = [int(text[start : start + 8], 16) for start in range(0, len(text), 8)]
    return socket.inet_ntop(family, struct.pack(f"={len(words)}I", *words))


def speaks_old_tls(port: int) -> bool:
    """Whether somebody agrees on a version of TLS that is out of use."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version, context.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=5) as plain:
        context.wrap_socket(plain).close()
        return True
    return False


def units() -> dict[str, str]:
    """Our enabled units, each with its state; a service without its suffix."""
    enabled = ("list-unit-files", "supervision*", "--state=enabled", "--no-legend", "--plain")
    listed = said("systemctl", *enabled) or ""
    names = [line.split()[0] for line in listed.splitlines() if line.strip()]
    states = {name: said("systemctl", "show", name, "--property=ActiveState", "--value") or "?" for name in names}
    return {name.removesuffix(".service"): state.strip() for name, state in states.items()}


def drops_input() -> bool | None:
    """Whether nftables drops what no rule accepts; None where only root sees it."""
    if os.geteuid() != 0:
        return None
    rules = said("nft", "list", "ruleset") or ""
    return re.search(r"hook input priority [^;]+; policy drop;", rules) is not None


def clock() -> tuple[float | None, bool]:
    """How far the clock is off, and whether it follows another, as chrony says."""
    fields = (said("chronyc", "-c", "tracking") or "").strip().split(",")
    with suppress(ValueError, IndexError):
        return float(fields[4]), fields[-1] != "Not synchronised"
    return None, False


def secret_bytes(paths: Paths, *, office: bool) -> tuple[dict[str, int], list[str]]:
    """How long each secret is, 0 for one that is missing; and those that are the same as another."""
    there = {one.name: one.read_bytes().strip() for one in sorted(paths.secrets.glob("*")) if one.is_file()}
    for name in CHOSEN_BY_OTHERS:
        there.pop(name, None)
    sizes = {name: 0 for name in OF_ASTERISK if office} | {name: len(secret) for name, secret in there.items()}
    hashes = {name: hashlib.sha256(secret).digest() for name, secret in there.items() if secret}
    counts = Counter(hashes.values())
    return sizes, [name for name, digest in hashes.items() if counts[digest] > 1]


def asked_asterisk(paths: Paths) -> Ask:
    """How to ask this machine's Asterisk: a command, and its answer; nothing where it does not answer."""
    conf = paths.asterisk / "etc/asterisk.conf"
    return lambda command: said(shutil.which("asterisk") or "asterisk", "-C", str(conf), "-rx", command) or ""


def version_of(text: str) -> tuple[int, ...] | None:
    """Of `Asterisk 22.10.1+dfsg… built by …`."""
    found = re.search(r"Asterisk (\d+)\.(\d+)\.(\d+)", text)
    return tuple(map(int, found.groups())) if found else None


def modules_in(text: str) -> frozenset[str]:
    """The modules that `module show` lists, or that `modules.conf` has loaded."""
    return frozenset(re.findall(r"^(?:load *=>? *)?(\w+\.so)\b", text, re.MULTILINE))


def database_facts(settings: Settings) -> tuple[list[str], int | None, list[str]]:
    """What is wrong with its schema; how many security administrators there are; open incidents of machines."""
    url = settings.database()
    faults = store.check(url)
    if faults:
        return faults, None, []
    database = Database(url)
    try:
        with database.reading() as session:
            own = (Incident.healed_at.is_(None), Incident.received.is_(False), Incident.cause.in_(OF_MACHINES))
            found = session.scalars(select(Incident).where(*own))
            incidents = [f"{one.cause}: {one.office_code} {one.subject}" for one in found]
            wanted = select(func.count()).where(Account.role == Role.SECURITY_ADMINISTRATOR, Account.active)
            administrators = None if settings.people_from_hq else session.scalar(wanted)
    except SQLAlchemyError as error:
        return [f"{type(error).__name__}: {str(error)[:200]}"], None, []
    finally:
        database.close()
    return [], administrators, incidents


def site_ends(file: Path) -> list[Ends]:
    """When the certificate ends that nginx shows for the site; nothing where it is kept elsewhere."""
    try:
        first, end, _chain = file.read_text("ascii").partition("-----END CERTIFICATE-----")
        ending = served_ending((first + end).encode())
    except FileNotFoundError:
        return []
    except (DomainError, OSError, ValueError) as error:
        return [Ends(f"{file} cannot be read ({error})", "?", warned=True)]
    return [Ends("site", f"{local(ending.ends_at):%Y-%m-%d}", warns(ending, now()))]


def ends_of(settings: Settings) -> list[Ends]:
    """The certificates of this machine, and when each ends."""
    try:
        hq = settings.mode is Mode.HQ
        endings: Sequence[Ending] = (
            list_endings(HqPaths(settings.home)) if hq else list_node_endings(Paths(settings.home))
        )
    except (DomainError, OSError, ValueError) as error:
        return [Ends(f"a certificate that cannot be read ({error})", "?", warned=True)]
    return [Ends(one.paper.value, f"{local(one.ends_at):%Y-%m-%d}", warns(one, now())) for one in endings]
