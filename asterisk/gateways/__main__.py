"""`python -m asterisk.gateways`: `sheets` writes what the gateways must be told, `check` says who registered."""

import argparse
import sys
from pathlib import Path

from asterisk.cache import MissingPart
from asterisk.gateways.registrations import check_registrations
from asterisk.gateways.sheets import write_sheets
from asterisk.render import read_or_make_secret
from asterisk.runtime import Pbx, PbxFailed
from supervision.errors import InvalidInput
from supervision.offices.description import load_description
from supervision.paths import Paths
from supervision.secret_files import keep_from_others


def main(arguments: list[str] | None = None) -> int:
    """0; 1 where a port is not registered, or with a sentence where something is wrong."""
    parser = argparse.ArgumentParser(prog="python -m asterisk.gateways", description="an office's FXO ports")
    parser.add_argument("--home", type=Path, required=True, help="the node's home folder")
    commands = parser.add_subparsers(dest="command", required=True)
    sheets = commands.add_parser("sheets", help="write each port's sheets and its provisioning file")
    sheets.add_argument("--server", required=True, help="where gateways reach Asterisk: address:port")
    sheets.add_argument("--out", type=Path, required=True, help="the folder to write to")
    sheets.add_argument(
        "--mac",
        action="append",
        default=[],
        metavar="ACCOUNT=ADDRESS",
        help="the hardware address of an account's gateway, which names its provisioning file; may be repeated",
    )
    commands.add_parser("check", help="fail while a port is not registered")
    given = parser.parse_args(arguments)
    keep_from_others()
    paths = Paths(given.home.resolve())
    try:
        if given.command == "sheets":
            return _sheets(paths, given)
        return _check(paths)
    except (InvalidInput, MissingPart, PbxFailed, ValueError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1


def _sheets(paths: Paths, given: argparse.Namespace) -> int:
    written = write_sheets(
        load_description(paths.office_file),
        given.server,
        given.out,
        lambda name: read_or_make_secret(paths, name),
        dict(pair.split("=", 1) for pair in given.mac),
    )
    sys.stdout.write("".join(f"{file}\n" for file in written))
    return 0


def _check(paths: Paths) -> int:
    found = check_registrations(load_description(paths.office_file), Pbx(paths.home).cli)
    for account in found.registered:
        sys.stdout.write(f"{account}: registered\n")
    for key in found.by_address:
        sys.stdout.write(f"{key}: known by its address, does not register\n")
    for account in found.missing:
        sys.stdout.write(f"{account}: NOT REGISTERED\n")
    return 1 if found.missing else 0


if __name__ == "__main__":
    raise SystemExit(main())
