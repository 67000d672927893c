"""What is weak, from facts about a machine: pure rules, each a row with what was seen and how to mend it."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from supervision.certificates.rules import Paper

OLDEST_ASTERISK = (22, 10, 1)
OFF_AT_MOST_S = 0.5
SHORTEST_SECRET = 16
AMI, ARI, HEP, SITE, POSTGRESQL = 5038, 8088, 9060, 8000, 5432
INSIDE = {AMI: "AMI", ARI: "ARI", HEP: "HEP", SITE: "the site without nginx", POSTGRESQL: "PostgreSQL"}
OFFICE_UNITS = ("supervision-asterisk", "supervision-control", "supervision-worker", "supervision-site")
UPLINK_UNIT = "supervision-uplink"
BACKUP_TIMER = "supervision-backup.timer"
HQ_UNITS = ("supervision-intake", "supervision-worker", "supervision-site")


@dataclass(frozen=True)
class File:
    """A file or folder: whose it is, and who may what."""

    path: str
    owner: str
    mode: int


@dataclass(frozen=True)
class Listener:
    """Where somebody listens."""

    port: int
    address: str

    @property
    def on_loopback(self) -> bool:
        """Whether only this machine reaches it."""
        return self.address.startswith("127.") or self.address == "::1"


@dataclass(frozen=True)
class Ends:
    """Something that ends one day; `warned` where that is soon."""

    name: str
    on: str
    warned: bool


@dataclass(frozen=True)
class Disk:
    """A file system, its free share in percent, and whether it can be written to."""

    name: str
    free_percent: float
    read_only: bool


@dataclass(frozen=True)
class Facts:
    """What was seen. None, where the machine does not show it; the row then says so, and is no fault."""

    office: bool
    has_headquarters: bool
    for_service_only: Sequence[File] = ()  # secrets: its user alone
    for_service_and_group: Sequence[File] = ()  # the home, the settings
    for_root_only: Sequence[File] = ()  # passwords that systemd reads for one unit
    roots: Sequence[File] = ()  # the code and the units: nobody else writes
    damaged: str | None = ""  # of the release's files, as sha256sum says it
    encrypted: bool | None = None
    on_plain_disks: Sequence[str] = ()  # beside the home: the database's data, swap
    listeners: Sequence[Listener] = ()
    old_tls_on: Sequence[int] = ()
    ends: Sequence[Ends] = ()
    clock_off_s: float | None = None
    clock_followed: bool | None = False
    disks: Sequence[Disk] = ()
    least_free_percent: float = 20
    secret_bytes: Mapping[str, int] = field(default_factory=dict)
    secrets_used_twice: Sequence[str] = ()
    security_administrators: int | None = None
    asterisk_version: tuple[int, ...] | None = None
    asterisk_newer_on_disk: bool = False
    modules_wanted: frozenset[str] = frozenset()
    modules_loaded: frozenset[str] | None = None
    asterisk_waits_for: str = ""
    database_faults: Sequence[str] = ()
    units: Mapping[str, str] = field(default_factory=dict)  # enabled, by name: active, failed, …
    input_dropped: bool | None = None
    open_incidents: Sequence[str] = ()
    backed_up: bool = False  # a second place is set
    wants_restart: Sequence[str] = ()  # packages that Debian wants it for


@dataclass(frozen=True)
class Row:
    """One answer. `ok` None: the machine does not show it."""

    subject: str
    ok: bool | None
    seen: str
    mend: str = ""


def rows_of(facts: Facts) -> list[Row]:
    """All answers, in the order of the page."""
    found: list[Row] = []
    for rule in RULES:
        found += rule(facts)
    return found


def _row(subject: str, faults: Iterable[str], good: str, mend: str) -> Iterator[Row]:
    wrong = list(faults)
    yield Row(subject, not wrong, "; ".join(wrong[:5]) if wrong else good, mend if wrong else "")


def _unseen(subject: str, why: str) -> Iterator[Row]:
    yield Row(subject, None, why)


def _loose(files: Iterable[File], forbidden: int) -> list[str]:
    return [f"{one.path} has mode {one.mode:04o}" for one in files if one.mode & forbidden]


def _permissions(facts: Facts) -> Iterator[Row]:
    kept = _loose(facts.for_service_only, 0o077) + _loose(facts.for_service_and_group, 0o027)
    yield from _row("home and settings", kept, "for the service and its group only", "chmod o=,g-w (secrets: go=)")
    seen = [f"{one.path} belongs to {one.owner}" for one in facts.for_root_only if one.owner != "root"]
    seen += _loose(facts.for_root_only, 0o077)
    if facts.for_root_only:
        mend = "chown root: FILE; chmod 600 FILE; then other passwords: these were read"
        yield from _row("passwords of the second place", seen, "root's alone", mend)
    others = [f"{one.path} belongs to {one.owner}" for one in facts.roots if one.owner != "root"]
    writable = _loose(facts.roots, 0o022)
    yield from _row("code", others + writable, "root's, not the service's", "install the release again")


def _release(facts: Facts) -> Iterator[Row]:
    if facts.damaged is None:
        return _unseen("release", "a checkout, no release")
    faults = facts.damaged.strip().splitlines()
    return _row(
        "release",
        faults,
        "each file as its manifest says",
        "find out who changed it; install it again",
    )


def _volume(facts: Facts) -> Iterator[Row]:
    if facts.encrypted is None:
        return _unseen("encrypted volume", "a container does not show its disks")
    plain = (*(() if facts.encrypted else ("the home",)), *facts.on_plain_disks)
    faults = [f"{one} is not on an encrypted volume" for one in plain]
    good = "home, database and swap are on one"
    return _row("encrypted volume", faults, good, "docs/operate/upgrade.md, Encrypted volumes")


def _addresses(facts: Facts) -> Iterator[Row]:
    open_ = [
        f"{INSIDE[one.port]} listens on {one.address}:{one.port}"
        for one in facts.listeners
        if one.port in INSIDE and not one.on_loopback
    ]
    yield from _row("bind addresses", open_, "AMI, ARI and site on loopback or a socket", "bind it to 127.0.0.1")


def _firewall(facts: Facts) -> Iterator[Row]:
    if facts.input_dropped is None:
        return _unseen("firewall", "only root sees it")
    faults = [] if facts.input_dropped else ["no chain of nftables drops what is not listed"]
    return _row("firewall", faults, "input is dropped unless listed", "deploy /etc/nftables.conf again")


def _tls(facts: Facts) -> Iterator[Row]:
    old = [f"port {port} speaks TLS older than 1.2" for port in facts.old_tls_on]
    yield from _row("TLS", old, "1.2 or newer", "ssl_protocols TLSv1.2 TLSv1.3; in nginx")


def _certificates(facts: Facts) -> Iterator[Row]:
    soon = [f"{one.name} ends on {one.on}" for one in facts.ends if one.warned]
    if facts.office and facts.has_headquarters and all(one.name != Paper.OFFICE for one in facts.ends):
        soon.append("there is none for headquarters: nothing is sent")
    good = ", ".join(f"{one.name} until {one.on}" for one in facts.ends) or "there is none"
    yield from _row("certificates", soon, good, "docs/operate/install.md, Certificates")


def _restart(facts: Facts) -> Iterator[Row]:
    faults = [f"{one} is in use in an older version" for one in facts.wants_restart]
    yield from _row("restart", faults, "none is asked for", "systemctl reboot, while nobody telephones")


def _clock(facts: Facts) -> Iterator[Row]:
    if facts.clock_followed is None:
        return _unseen("clock", "a container has its host's")
    if not facts.clock_followed or facts.clock_off_s is None:
        return _row("clock", ["it follows no other clock"], "", "apt-get install chrony; chronyc sources")
    off = abs(facts.clock_off_s)
    faults = [f"it is {off:.3f} s off"] if off > OFF_AT_MOST_S else []
    return _row("clock", faults, f"{off:.3f} s off", "chronyc makestep")


def _disks(facts: Facts) -> Iterator[Row]:
    wrong = [
        f"{one.name} is read-only" if one.read_only else f"{one.name} has {one.free_percent:.0f} % free"
        for one in facts.disks
        if one.read_only or one.free_percent < facts.least_free_percent
    ]
    good = ", ".join(f"{one.name} {one.free_percent:.0f} % free" for one in facts.disks)
    yield from _row("disks", wrong, good, "a larger disk, or a shorter term; the incidents page says more")


def _secrets(facts: Facts) -> Iterator[Row]:
    missing = [f"{name} is missing" for name, size in facts.secret_bytes.items() if size == 0]
    short = [f"{name} is short" for name, size in facts.secret_bytes.items() if 0 < size < SHORTEST_SECRET]
    twice = [f"{name} is another one's password, too" for name in facts.secrets_used_twice]
    mend = "remove the file below secrets/, render Asterisk's configuration, restart"
    yield from _row("passwords", missing + short + twice, "each made at random", mend)
    if facts.security_administrators is not None:
        few = [] if facts.security_administrators >= 2 else [f"{facts.security_administrators}, and it needs two"]
        yield from _row("security administrators", few, "two or more", "python -m supervision.people first-admin")


def _asterisk(facts: Facts) -> Iterator[Row]:
    if not facts.office:
        return
    if facts.asterisk_version is None or facts.modules_loaded is None:
        yield Row("Asterisk", False, "it does not answer", "systemctl status supervision-asterisk")
        return
    version = ".".join(map(str, facts.asterisk_version))
    old = [f"{version} lacks security updates"] if facts.asterisk_version < OLDEST_ASTERISK else []
    waits = [facts.asterisk_waits_for] if facts.asterisk_waits_for else []
    newer = ["a newer one is installed than runs"] if facts.asterisk_newer_on_disk else []
    yield from _row("Asterisk", old + newer + waits, version, "apt-get upgrade; scripts/release.sh asterisk")
    foreign = [f"{one} is loaded, and none of ours" for one in sorted(facts.modules_loaded - facts.modules_wanted)]
    absent = [f"{one} is not loaded" for one in sorted(facts.modules_wanted - facts.modules_loaded)]
    good = f"{len(facts.modules_loaded)}, all of them listed"
    yield from _row("Asterisk's modules", foreign + absent, good, "scripts/release.sh asterisk")


def _database(facts: Facts) -> Iterator[Row]:
    mend = "python -m supervision.store upgrade"
    yield from _row("database", facts.database_faults, "its schema is current", mend)


def _units(facts: Facts) -> Iterator[Row]:
    linked = (UPLINK_UNIT,) if facts.has_headquarters else ()
    wanted = (*OFFICE_UNITS, *linked) if facts.office else HQ_UNITS
    absent = [f"{one} is not enabled" for one in wanted if one not in facts.units]
    ended = [f"{name} is {state}" for name, state in facts.units.items() if state != "active"]
    good = f"{len(facts.units)} enabled, all active"
    yield from _row("units", absent + ended, good, "systemctl enable --now UNIT; journalctl -u UNIT")


def _backups(facts: Facts) -> Iterator[Row]:
    faults = [] if facts.backed_up else ["SUPERVISION_BACKUP_URL names no second place"]
    timer = [f"{BACKUP_TIMER} is not enabled"] if facts.backed_up and BACKUP_TIMER not in facts.units else []
    return _row("backups", faults + timer, "each night; a late one is an incident", "docs/operate/backup.md")


def _incidents(facts: Facts) -> Iterator[Row]:
    yield from _row("incidents of this machine", facts.open_incidents, "none is open", "docs/operate/incidents.md")


RULES: tuple[Callable[[Facts], Iterator[Row]], ...] = (
    _units,
    _database,
    _asterisk,
    _addresses,
    _firewall,
    _tls,
    _certificates,
    _permissions,
    _secrets,
    _volume,
    _release,
    _restart,
    _clock,
    _disks,
    _backups,
    _incidents,
)


def is_weak(rows: Iterable[Row]) -> bool:
    """Whether anything is to be mended."""
    return any(row.ok is False for row in rows)


def text_of(rows: Sequence[Row]) -> str:
    """The answers as a table for a terminal."""
    widest = max(len(row.subject) for row in rows)
    marks = {True: "ok  ", False: "WEAK", None: "?   "}
    lines = []
    for row in rows:
        lines.append(f"{marks[row.ok]}  {row.subject:<{widest}}  {row.seen}")
        if row.mend:
            lines.append(f"{'':{widest + 6}}  mend: {row.mend}")
    return "\n".join(lines) + "\n"
