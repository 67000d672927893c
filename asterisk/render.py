"""Renders Asterisk's configuration from the office description.

Templates are in `asterisk/dialplan/`, one for each file that Asterisk reads. All values come from the
validated description, from ports, or from secret files; none from outside.
"""

import argparse
import dataclasses
import json
import os
import secrets as random_secrets
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from asterisk.cache import MissingPart
from asterisk.root import find_or_make
from asterisk.runtime import FOLDERS
from asterisk.sounds import install_hold_music
from supervision.errors import InvalidInput
from supervision.offices.description import OfficeDescription, load_description
from supervision.paths import Paths, asterisk_safe
from supervision.secret_files import keep_secret

TEMPLATES = Path(__file__).parent / "dialplan"
ADMISSION_S = 2
# Asterisk reports an error for each of these that is absent, and its defaults are right.
LEFT_AT_DEFAULTS = ("acl", "ccss", "features", "pjproject", "udptl", "websocket_client")


@dataclass(frozen=True)
class Network:
    """Addresses, ports and times of one Asterisk. `bind` is where phones and gateways reach it.

    A peer that sends no packet for `rtp_timeout_s`, or on hold for `rtp_timeout_hold_s`, is taken for dead.
    """

    sip_port: int = 5060
    http_port: int = 8088
    ami_port: int = 5038
    hep_port: int = 9060
    rtp_start: int = 10000
    rtp_end: int = 12000
    bind: str = "127.0.0.1"
    qualify_s: int = 30
    rtp_timeout_s: int = 60
    rtp_timeout_hold_s: int = 600


@dataclass(frozen=True)
class AsteriskDirs:
    """Folders as Asterisk itself sees them (inside its root, if it has one)."""

    etc: Path
    lib: Path
    db: Path
    spool: Path
    run: Path
    log: Path
    modules: Path


def dirs_of(paths: Paths, modules: Path) -> AsteriskDirs:
    """Asterisk's folders below the node's home."""
    base = paths.asterisk
    return AsteriskDirs(
        base / "etc", base / "lib", base / "db", base / "spool", base / "run", paths.asterisk_log, modules
    )


def read_or_make_secret(paths: Paths, name: str) -> str:
    """The secret of that name; made at random, readable by this user only, if there is none yet.

    Raises ValueError if its file is damaged.
    """
    made = keep_secret(paths.secret(name), lambda: random_secrets.token_urlsafe(24).encode() + b"\n")
    return made.decode("ascii").strip()


def render(
    description: OfficeDescription,
    network: Network,
    paths: Paths,
    modules: Path,
    users: tuple[str, str] = ("supervision", "supervision"),
) -> None:
    """Write all of Asterisk's files below the node's home, and make the folders that it needs.

    `users` are the names of the ARI and the AMI user. Files hold secrets, so this user and its group can
    read them, nobody else.
    """
    dirs = dirs_of(paths, modules)
    dirs.etc.mkdir(parents=True, exist_ok=True)
    written = (*(paths.asterisk / name for name in FOLDERS if name != "etc"), dirs.lib / "sounds", paths.spool)
    for folder in written:
        make_for_asterisk(folder)
    install_hold_music(paths)
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 - configuration files, not HTML; every value is validated
    )
    values: dict[str, Any] = {
        "office": description.office,
        "lines": description.lines,
        "ports": description.ports,
        "desks": description.desks,
        "network": network,
        "dirs": dirs,
        "spool": asterisk_safe(paths.spool),
        "admission_s": ADMISSION_S,
        "ari_user": users[0],
        "ami_user": users[1],
        "secret": lambda name: read_or_make_secret(paths, name),
    }
    for template in sorted(TEMPLATES.glob("*.j2")):
        text = environment.get_template(template.name).render(values)
        _write_private(dirs.etc / template.name.removesuffix(".j2"), text)
    for name in LEFT_AT_DEFAULTS:
        _write_private(dirs.etc / f"{name}.conf", "; Asterisk's defaults.\n")
    _write_private(paths.rendered_with, json.dumps(dataclasses.asdict(network), indent=1) + "\n")


def network_of(paths: Paths) -> Network:
    """The addresses, ports and times that this node was last rendered with. Raises OSError or ValueError.

    What this version does not know is passed over: a later one may have written it.
    """
    stored = json.loads(paths.rendered_with.read_text("utf-8"))
    known = {field.name for field in dataclasses.fields(Network)}
    return Network(**{name: value for name, value in stored.items() if name in known})


def make_for_asterisk(folder: Path) -> None:
    """Make a folder in which Asterisk may write as a user of its own, who is of our group."""
    folder.mkdir(parents=True, exist_ok=True)
    asterisk_safe(folder)
    if folder.stat().st_uid == os.geteuid():
        folder.chmod(0o770)


def main() -> int:
    """Render a node's configuration from its `office.yaml`. 0; 1 with a sentence where something is wrong."""
    parser = argparse.ArgumentParser(
        prog="python -m asterisk.render", description="render Asterisk's configuration from <home>/office.yaml"
    )
    parser.add_argument("--home", type=Path, required=True, help="the node's home folder")
    parser.add_argument(
        "--again", action="store_true", help="with the addresses, ports and times of the last time"
    )
    for field in dataclasses.fields(Network):
        option = "--" + field.name.replace("_", "-")
        parser.add_argument(option, type=type(field.default), default=field.default, help="default: %(default)s")
    values = vars(parser.parse_args())
    paths = Paths(values.pop("home").resolve())
    os.umask(0o027)
    try:
        network = network_of(paths) if values.pop("again") else Network(**values)
        render(load_description(paths.office_file), network, paths, find_or_make().modules)
    except (InvalidInput, MissingPart, ValueError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"rendered below {paths.asterisk / 'etc'}; passwords are in {paths.secrets}\n")
    return 0


def _write_private(path: Path, text: str) -> None:
    temporary = path.with_name(path.name + ".new")
    temporary.touch(mode=0o640)  # Asterisk's user reads it as one of our group
    temporary.write_text(text, "utf-8")
    temporary.replace(path)


if __name__ == "__main__":
    raise SystemExit(main())
