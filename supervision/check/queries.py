"""All facts about this machine, gathered: what root alone sees first, the rest as the owner of the home.

Nobody else may open its database: PostgreSQL knows its owner, and what SQLite makes is to be his.
"""

import dataclasses
import os
from collections.abc import Sequence
from pathlib import Path

from supervision.check import machine_facts as machine
from supervision.check.rules import Disk, Facts, Listener
from supervision.machines.queries import folders_of, volumes
from supervision.paths import HqPaths, Paths
from supervision.settings import Mode, Settings
from supervision.version import ROOT

ENVIRONMENT = Path("/etc/supervision/supervision.env")
RELEASES = Path("/opt/supervision")
SITE_CERTIFICATE = Path("/etc/ssl/supervision/site.pem")
UNITS = Path("/etc/systemd/system")


class HomeOfRoot(Exception):
    """The home belongs to root: nobody is there to go on as, and root opens no database."""


def gather(settings: Settings, ask: machine.Ask | None = None) -> Facts:
    """All that this machine shows. Raises HomeOfRoot."""
    if os.geteuid() == 0 and settings.home.stat().st_uid == 0:
        raise HomeOfRoot(
            f"{settings.home} belongs to root, not to the user of our processes: chown -R supervision:"
        )
    paths, office = Paths(settings.home), settings.mode is Mode.OFFICE
    ask = ask or machine.asked_asterisk(paths)
    contained, heard = machine.in_container(), tuple(machine.listeners())
    input_dropped = machine.drops_input()
    off_s, followed = machine.clock()
    release = ROOT / "MANIFEST"
    code = (
        ROOT,
        ROOT / ".venv",
        ROOT / "supervision",
        ROOT / "web",
        *UNITS.glob("supervision*"),
        ENVIRONMENT.parent,
    )
    facts = Facts(
        office=office,
        has_headquarters=bool(settings.hq_url),
        for_root_only=machine.files([ENVIRONMENT.with_name("backup.env")]),
        roots=machine.files(code),
        damaged=machine.changed_files(release) if release.exists() else None,
        encrypted=None if contained else machine.is_encrypted(settings.home),
        on_plain_disks=() if contained else machine.plain_disks(),
        wants_restart=() if contained else machine.wants_restart(),
        ends=machine.site_ends(SITE_CERTIFICATE),
        listeners=heard,
        old_tls_on=[port for port in machine.TLS_PORTS if _listens(heard, port) and machine.speaks_old_tls(port)],
        clock_off_s=off_s,
        clock_followed=None if contained and not followed else followed,
        input_dropped=input_dropped,
        units=machine.units(),
        backed_up=bool(settings.backup_url),
        asterisk_waits_for=_pending(),
    )
    _become_owner(settings.home)
    sizes, twice = machine.secret_bytes(paths, office=office)
    database_faults, administrators, incidents = machine.database_facts(settings)
    running, on_disk = machine.version_of(ask("core show version")), machine.said("asterisk", "-V") or ""
    modules = ask("module show")
    return dataclasses.replace(
        facts,
        for_service_only=machine.files(_private(settings)),
        for_service_and_group=machine.files(
            (settings.home, paths.archive, *settings.home.glob("*.db"), ENVIRONMENT)
        ),
        ends=[*machine.ends_of(settings), *facts.ends],
        disks=_disks(settings),
        least_free_percent=max(settings.disk_levels_percent(), default=0),
        secret_bytes=sizes,
        secrets_used_twice=twice,
        security_administrators=administrators,
        asterisk_version=running,
        asterisk_newer_on_disk=bool(running and (machine.version_of(on_disk) or running) != running),
        modules_wanted=machine.modules_in(machine.text_in(paths.asterisk / "etc/modules.conf")),
        modules_loaded=machine.modules_in(modules) if modules else None,
        database_faults=database_faults,
        open_incidents=incidents,
    )


def _listens(heard: Sequence[Listener], port: int) -> bool:
    return any(one.port == port for one in heard)


def _pending() -> str:
    file = RELEASES / "asterisk-pending.json"
    return "a switch of releases left something to do" if file.exists() else ""


def _private(settings: Settings) -> list[Path]:
    home = settings.home
    keys = (HqPaths(home).ca.key, HqPaths(home).server.key, Paths(home).to_hq.key)
    return [Paths(home).secrets, *(one for one in Paths(home).secrets.rglob("*") if one.is_file()), *keys]


def _disks(settings: Settings) -> list[Disk]:
    found = volumes(folders_of(settings.home, headquarters=settings.mode is Mode.HQ))
    return [Disk(one.name, one.free_percent, one.read_only) for one in found]


def _become_owner(home: Path) -> None:
    """Go on as whoever the home belongs to: PostgreSQL knows him, and what SQLite makes is his."""
    owner = home.stat()
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(owner.st_gid)
        os.setuid(owner.st_uid)
