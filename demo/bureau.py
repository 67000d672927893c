"""A bureau on loopback: headquarters, and offices that differ in name, numbers and people, not in kind."""

import copy
import secrets
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from demo.headquarters import LoopbackHeadquarters
from demo.office import LoopbackOffice
from demo.people import SignInSheet, are_copied, are_known, give_passwords, make_people
from demo.processes import until
from supervision.actor import Role

TEMPLATE = Path(__file__).parent / "office.yaml"


@dataclass(frozen=True)
class Named:
    """How an office differs from the template: its code and name, and who sits at its desks, in their order."""

    code: str
    name: str
    people: tuple[tuple[str, str], ...]


FURTHER = (
    Named("08", "第八税务所", (("liu.yang", "刘洋"), ("chen.jing", "陈静"), ("huang.lei", "黄磊"))),
    Named("09", "第九税务所", (("xu.hong", "徐红"), ("he.ping", "何平"), ("gao.feng", "高峰"))),
)
MOST_OFFICES = 1 + len(FURTHER)


def descriptions(count: int) -> list[dict[str, Any]]:
    """So many offices: the demo's own, and others made from it."""
    template = yaml.safe_load(TEMPLATE.read_text("utf-8"))
    return [template, *(_renamed(template, named) for named in FURTHER[: count - 1])]


def _renamed(template: Mapping[str, Any], named: Named) -> dict[str, Any]:
    """The template with another code, its lines with the code in key and number, its desks with other people."""
    office = copy.deepcopy(dict(template))
    office["office"] = {"code": named.code, "name": named.name}
    for n, line in enumerate(office["lines"], 1):
        line["key"] = f"{named.code}-{n}"
        line["number"] = f"6231{named.code}{n:02d}"
    for desk, (login, name) in zip(office["desks"], named.people, strict=True):
        desk["officer"] |= {"login": login, "name": name}
    return office


@dataclass(frozen=True)
class Bureau:
    """Headquarters and offices, running; who can sign in at each office by its code, and at headquarters."""

    hq: LoopbackHeadquarters
    offices: tuple[LoopbackOffice, ...]
    sheets: Mapping[str, SignInSheet]

    def sheet(self, office: LoopbackOffice) -> SignInSheet:
        """Who can sign in at an office; its people for the whole bureau can at headquarters, too."""
        return self.sheets[office.description.office.code]


@contextmanager
def running_bureau(home: Path, count: int) -> Iterator[Bureau]:
    """Headquarters and so many offices, started; ended in order, offices first, whatever happens."""
    password = f"demo-{secrets.token_hex(4)}"
    with ExitStack() as stack:
        hq = stack.enter_context(LoopbackHeadquarters(home / "hq"))
        everywhere = make_people(hq.database, password)
        offices, sheets = [], {}
        for description in descriptions(count):
            code = description["office"]["code"]
            node = LoopbackOffice(home / code, description, sounds=True, hq=hq, settings=_modest(count))
            office = stack.enter_context(node)
            sheets[code] = SignInSheet(password, _people_of(hq, office, password) | everywhere)
            office.start_site()
            offices.append(office)
        hq.start_site()
        yield Bureau(hq, tuple(offices), sheets)


def _people_of(hq: LoopbackHeadquarters, office: LoopbackOffice, password: str) -> dict[Role, str]:
    """The office tells whom it has, headquarters makes them accounts, and they come down to the node."""
    described = office.description
    until("the office's people known at headquarters", lambda: are_known(hq.database, described))
    logins = give_passwords(hq.database, described, password)
    until("the office's people copied to its node", lambda: are_copied(office.database, described))
    return logins


def _modest(count: int) -> dict[str, str]:
    """Several offices on one machine have few readers each."""
    return {"SUPERVISION_WEB_WORKERS": "1"} if count > 1 else {}
