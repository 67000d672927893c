"""How long the sites take for each of their pages at rest: `python -m bench.pages [--quick] [--times N]`.

The demo's office and headquarters after its five calls, each site as in production. When all recordings are
sealed, some are judged, and of each consequence there is one, but of open complaints many (`consequences.py`).
Then one person of each role signs in and follows every link, to one page of each kind, and asks for each so many
times, one request after the other, each on a new connection. Timed is each from connecting to its last byte: what
the server takes, and a local connection's time. The goal is 100 ms at the 95th percentile, for every page.
"""

import argparse
import html
import re
import sys
import tempfile
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from asterisk.root import find_or_make
from bench.consequences import OPEN_COMPLAINTS, fill
from bench.figures import median, percentile, shown, table
from bench.machine import machine_line
from bench.signing_in import Client
from demo.bureau import Bureau, running_bureau
from demo.calling import once
from supervision.actor import Role
from supervision.clock import now
from supervision.people.rules import belongs_to_office

GOAL_S = 0.1
LINK = re.compile(r"<a\b([^>]*)>")
HREF = re.compile(r'href="(/[^"#]*)')
NEED_A_QUERY = ("/assessment/entries", "/discipline/new")
RECORD = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
NO_PAGE = ("/static/", "/recordings/")
NO_PAGE_EITHER = ("/evidence", ".pdf")
SHOWN = 12
REST_S = 20.0


@dataclass
class Page:
    """One kind of page, as one role sees it on one site."""

    site: str
    role: Role
    path: str
    took_s: list[float] = field(default_factory=list)

    @property
    def kind(self) -> str:
        """Its address, whatever record it is about."""
        return RECORD.sub("…", self.path.partition("?")[0])

    @property
    def p95_s(self) -> float:
        """The time that 95 of 100 requests did not exceed."""
        return percentile(self.took_s, 95)

    def row(self) -> list[str]:
        """As a line of the table, in milliseconds."""
        times = [shown(1000 * one, 1) for one in (median(self.took_s), self.p95_s, max(self.took_s))]
        return [self.site, self.role.value, self.kind, *times]


def links(page: str) -> list[str]:
    """Where a page leads to on its own site, but for downloads."""
    found = []
    for attributes in LINK.findall(page):
        href = HREF.search(attributes)
        if href and " download" not in attributes and not href[1].startswith(NO_PAGE):
            path, _, _ = href[1].partition("?")
            if path.endswith(NO_PAGE_EITHER):
                continue
            found.append(html.unescape(href[1]) if path in NEED_A_QUERY else path)
    return found


def pages_of(client: Client, site: str, role: Role) -> list[Page]:
    """One page of each kind that a person comes to from his start page."""
    known: dict[str, Page] = {}
    waiting = deque(["/account/sessions", "/"])  # the first has everybody's menu, the second may lead elsewhere
    while waiting:
        page = Page(site, role, waiting.popleft())
        if page.kind in known:
            continue
        known[page.kind] = page
        waiting += links(client.ask(page.path).text)
    return list(known.values())


def measure(client: Client, page: Page, times: int) -> Page | None:
    """Ask for it so many times; None where it is no page."""
    for _ in range(times):
        answer = client.ask(page.path)
        if answer.status != 200 or "<html" not in answer.text:
            return None
        page.took_s.append(answer.took_s)
    return page


def measure_all(bureau: Bureau, times: int) -> list[Page]:
    """Every page of both sites, as each role sees it."""
    office = bureau.offices[0]
    sheet = bureau.sheet(office)
    sites = (("office", int(office.site.rsplit(":", 1)[1])), ("headquarters", bureau.hq.web_port))
    found = []
    for name, port in sites:
        for n, (role, login) in enumerate(sheet.logins.items(), 2):
            if name == "office" and not belongs_to_office(role):
                continue
            client = Client(port, f"127.0.0.{n}").comes()
            if client.signs_in(login, sheet.password).status != 303:
                raise RuntimeError(f"{login} cannot sign in at {name}")
            measured = [measure(client, page, times) for page in pages_of(client, name, role)]
            found += [page for page in measured if page is not None]
    return found


def report(found: Sequence[Page]) -> str:
    """The slowest pages, in milliseconds, and how many hold the goal."""
    slowest = sorted(found, key=lambda page: -page.p95_s)
    within = sum(page.p95_s < GOAL_S for page in found)
    rows = [page.row() for page in slowest[:SHOWN]]
    goal = f"{within} of {len(found)} pages under {GOAL_S * 1000:.0f} ms at p95"
    return f"{table(['site', 'role', 'page', 'median', 'p95', 'most'], rows, left=3)}\n\n{goal}"


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print. Exit code 1 if a page takes longer than the goal."""
    parser = argparse.ArgumentParser(prog="python -m bench.pages", description="each page's time at rest")
    parser.add_argument("--quick", action="store_true", help="a smoke test: three times each")
    parser.add_argument("--times", type=int, default=40, help="how often each page is asked for (40)")
    chosen = parser.parse_args(arguments)
    times = 3 if chosen.quick else chosen.times
    machine = machine_line(find_or_make().version)
    with (
        tempfile.TemporaryDirectory(prefix="b.", ignore_cleanup_errors=True) as home,
        running_bureau(Path(home), 1) as bureau,
    ):
        once(bureau)
        time.sleep(REST_S)  # what is done once after a call is over
        with bureau.hq.database.transaction() as session:
            fill(session, bureau.sheet(bureau.offices[0]).logins, now())
        found = measure_all(bureau, times)
    print("What the sites take for a page at rest, milliseconds")
    print(machine)
    print(f"the demo after its five calls, with {OPEN_COMPLAINTS} open complaints, each page {times} times")
    print()
    print(report(found))
    if any(page.p95_s >= GOAL_S for page in found):
        sys.exit(1)


if __name__ == "__main__":
    main()
