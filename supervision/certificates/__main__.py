"""`python -m supervision.certificates`: the offices' certificate authority, in the home folder's `ca/`.

init                                make the authority (once)
issue-office CODE --out DIR         a certificate for an office's node
issue-server NAME… --out DIR        one for the intake; NAME is a host name or an address
revoke SERIAL | --office CODE       take certificates back
list                                what was issued, and until when the list of the revoked holds
renew-list                          sign that list anew, before it runs out
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from supervision.certificates import authority
from supervision.clock import local
from supervision.errors import DomainError
from supervision.paths import HqPaths
from supervision.secret_files import keep_from_others
from supervision.settings import Settings


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what is asked; 0 if it was done, 1 with a sentence on standard error if not."""
    keep_from_others()
    given = _parser().parse_args(arguments)
    try:
        said = _do(HqPaths(Settings().home), given)
    except (DomainError, OSError, ValueError) as error:
        sys.stderr.write(f"Not done: {error}\n")
        return 1
    sys.stdout.write(said + "\n")
    return 0


def _do(paths: HqPaths, given: argparse.Namespace) -> str:
    match given.command:
        case "init":
            authority.initialise(paths, given.name, given.days)
            return f"The authority is in {paths.ca.folder}. Keep a copy of ca.key where nobody else comes."
        case "issue-office":
            files = authority.issue_office(paths, given.code, given.out, given.days)
            return f"{files.certificate}, {files.key}"
        case "issue-server":
            files = authority.issue_server(paths, given.names, given.out, given.days)
            return f"{files.certificate}, {files.key}"
        case "revoke":
            serials = authority.serials_of(paths, given.office) if given.office else [given.serial]
            authority.revoke(paths, serials, given.list_days)
            return "Revoked: " + ", ".join(f"{serial:x}" for serial in serials)
        case "renew-list":
            authority.sign_list(paths, days=given.list_days)
            return f"Signed {paths.crl}"
        case _:
            lines = [_line(one) for one in authority.issued(paths)] or ["Nothing was issued yet."]
            holds_until = local(authority.current_list(paths).next_update_at)
            return "\n".join([*lines, f"The list of the revoked holds until {holds_until:%Y-%m-%d} (renew-list)."])


def _line(one: authority.Issued) -> str:
    state = "revoked" if one.revoked else "valid"
    return (
        f"{one.serial:x}  {state:7}  until {local(one.expires_at):%Y-%m-%d}  {one.office or '-':8}  {one.subject}"
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m supervision.certificates",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True)
    init = commands.add_parser("init", help="make the authority")
    init.add_argument("--name", default="supervision offices", help="its name, as certificates show it")
    init.add_argument("--days", type=int, default=authority.AUTHORITY_DAYS)
    office = commands.add_parser("issue-office", help="a certificate for an office's node")
    office.add_argument("code", help="the office's code")
    server = commands.add_parser("issue-server", help="a certificate for the intake")
    server.add_argument("names", nargs="+", help="host names and addresses")
    for one in (office, server):
        one.add_argument("--out", type=Path, required=True, help="the folder for certificate and key")
        one.add_argument("--days", type=int, default=authority.CERTIFICATE_DAYS)
    revoke = commands.add_parser("revoke", help="take certificates back")
    which = revoke.add_mutually_exclusive_group(required=True)
    which.add_argument("serial", nargs="?", type=_serial, help="as `list` shows it")
    which.add_argument("--office", help="all of an office's")
    renew = commands.add_parser("renew-list", help="sign the list of the revoked anew")
    for one in (revoke, renew):
        one.add_argument("--list-days", type=int, default=authority.LIST_DAYS, help="how long the list holds")
    commands.add_parser("list", help="what was issued")
    return parser


def _serial(text: str) -> int:
    return int(text, 16)


if __name__ == "__main__":
    sys.exit(main())
