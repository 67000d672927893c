"""What strangers who hold connections open do to others: `python -m bench.lingering [--quick] [--strangers N]`.

Headquarters on loopback, its site and its intake as in production behind nginx, and the same once more with
gunicorn alone. So many strangers ask and then keep their connections open (at the intake: with another office's
certificate), and come again every three seconds. Meanwhile somebody opens a page again and again,
and an office asks how far a part has come, each on a new connection. Timed is each from connecting to the last
byte; whoever is not answered in 20 s counts with 20. All come from one address, so nginx's limits by address are
loosened.
"""

import argparse
import contextlib
import http.client
import socket
import ssl
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from asterisk.ports import free_ports, give_back
from bench.figures import median, percentile, ratio, shown, table
from bench.machine import machine_line
from bench.strangers import stays_after_the_answer, stays_with_certificate
from demo.headquarters import LoopbackHeadquarters
from demo.processes import Process, accepts, until
from supervision.certificates import authority
from supervision.paths import CertificateFiles

GOAL_S = 1.0
STAY_S = 3.0
GIVEN_UP_S = 20.0
NEVER_BEGUN = "/v1/parts/00000000-0000-7000-8000-000000000000.a1.raw"

Stranger = Callable[[socket.socket], socket.socket | None]
Asks = Callable[[], None]


@dataclass(frozen=True)
class Row:
    """One measurement: who was served, by what, with how many strangers there."""

    what: str
    by: str
    strangers: int
    took_s: list[float]

    @property
    def p95_s(self) -> float:
        """What 95 % did not exceed."""
        return percentile(self.took_s, 95)

    def cells(self, quiet: "Row") -> list[str]:
        """As a line of the table; the ratio is that of the 95th percentiles."""
        figures = [median(self.took_s), self.p95_s, max(self.took_s)]
        times = [shown(1000 * figure, 1) for figure in figures]
        return [self.what, self.by, str(self.strangers), str(len(self.took_s)), *times, self._ratio(quiet)]

    def _ratio(self, quiet: "Row") -> str:
        return shown(ratio(self.p95_s, quiet.p95_s), 1)


@contextlib.contextmanager
def staying(port: int, stranger: Stranger, number: int) -> Iterator[None]:
    """So many strangers, each with a connection that he holds for a while before he takes another."""
    over = threading.Event()

    def come_and_stay() -> None:
        while not over.is_set():
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 5) as connection:
                in_tls = stranger(connection)
                over.wait(STAY_S)
                if in_tls is not None:
                    in_tls.close()

    threads = [threading.Thread(target=come_and_stay) for _ in range(number)]
    for thread in threads:
        thread.start()
    over.wait(0.5)  # until all are there
    try:
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join()


def timed(asks: Asks, times: int, longest_s: float) -> list[float]:
    """How long each took, as many as come to be in that time, and one at least."""
    took: list[float] = []
    begun = time.perf_counter()
    while not took or (len(took) < times and time.perf_counter() - begun < longest_s):
        asked = time.perf_counter()
        with contextlib.suppress(OSError, http.client.HTTPException):
            asks()
        took.append(time.perf_counter() - asked)
    return took


def opens_page(port: int) -> Asks:
    """Open the page on which one signs in."""

    def ask() -> None:
        _answer(http.client.HTTPConnection("127.0.0.1", port, GIVEN_UP_S), "/account/sign-in", 200)

    return ask


def of_office(hq: LoopbackHeadquarters, code: str) -> ssl.SSLContext:
    """TLS with an office's certificate."""
    files = CertificateFiles(hq.home / f"node-{code}", f"office-{code}")
    if not files.certificate.exists():
        authority.issue_office(hq.paths, code, files.folder)
    context = ssl.create_default_context(cafile=str(hq.paths.ca.certificate))
    context.load_cert_chain(files.certificate, files.key)
    return context


def asks_as_office(hq: LoopbackHeadquarters, port: int) -> Asks:
    """Ask how far a part has come, with an office's certificate; it was never begun."""
    context = of_office(hq, "3301")

    def ask() -> None:
        connection = http.client.HTTPSConnection("127.0.0.1", port, timeout=GIVEN_UP_S, context=context)
        _answer(connection, NEVER_BEGUN, 404, "HEAD", {"Tus-Resumable": "1.0.0"})

    return ask


def _answer(
    connection: http.client.HTTPConnection,
    path: str,
    wanted: int,
    method: str = "GET",
    headers: dict[str, str] | None = None,
) -> None:
    with contextlib.closing(connection):
        connection.request(method, path, headers=headers or {})
        answer = connection.getresponse()
        answer.read()
        if answer.status != wanted:
            raise RuntimeError(f"{path} answered {answer.status}")


@contextlib.contextmanager
def alone(hq: LoopbackHeadquarters) -> Iterator[tuple[int, int]]:
    """Site and intake once more, by gunicorn alone; their ports."""
    site, intake = ports = free_ports(2)
    environ = {**hq.environment, "SUPERVISION_TRUSTED_PROXIES": "0", "SUPERVISION_INTAKE_SOCKET": ""}
    environ |= {"SUPERVISION_WEB_BIND": f"127.0.0.1:{site}", "SUPERVISION_INTAKE_BIND": f"127.0.0.1:{intake}"}
    commands = {"web/gunicorn.conf.py": "web.wsgi:app", "web/intake/gunicorn.conf.py": "web.intake.wsgi:app"}
    processes = [
        Process(["gunicorn", "-c", configuration, app], environ, hq.home / f"alone-{n}.log").start()
        for n, (configuration, app) in enumerate(commands.items())
    ]
    try:
        for port in ports:
            until("gunicorn alone listens", lambda port=port: accepts(("127.0.0.1", port)), 30)  # type: ignore[misc]
        yield site, intake
    finally:
        for process in processes:
            process.kill()
        give_back(ports)


def measure(strangers: int, times: int, longest_s: float) -> list[tuple[Row, Row]]:
    """Each row with the one that it is compared with: the same while no stranger is there."""
    rows = []
    with tempfile.TemporaryDirectory(prefix="b.", ignore_cleanup_errors=True) as name:
        hq = LoopbackHeadquarters(Path(name) / "hq")
        try:
            hq.start_intake()
            hq.start_site()
            with alone(hq) as ports:
                for by, (site, intake) in {"gunicorn": ports, "nginx": (hq.web_port, hq.intake_port)}.items():
                    work: tuple[tuple[str, int, Asks, Stranger], ...] = (
                        ("page", site, opens_page(site), stays_after_the_answer),
                        (
                            "office",
                            intake,
                            asks_as_office(hq, intake),
                            stays_with_certificate(of_office(hq, "3302")),
                        ),
                    )
                    for what, port, asks, stranger in work:
                        timed(asks, 10, longest_s)  # warm
                        quiet = Row(what, by, 0, timed(asks, times, longest_s))
                        with staying(port, stranger, strangers):
                            rows.append((Row(what, by, strangers, timed(asks, times, longest_s)), quiet))
        finally:
            hq.stop()
    return rows


def report(rows: list[tuple[Row, Row]]) -> str:
    """The table, times in milliseconds."""
    head = ["served", "by", "strangers", "asked", "median", "p95", "most", "ratio of p95"]
    return table(head, [line.cells(quiet) for row, quiet in rows for line in (quiet, row)], left=2)


def main(arguments: list[str] | None = None) -> None:
    """Measure and print; with an error where somebody waited for too long behind nginx."""
    parser = argparse.ArgumentParser(prog="python -m bench.lingering", description="strangers who stay")
    parser.add_argument("--quick", action="store_true", help="a smoke test, no goal")
    parser.add_argument("--strangers", type=int, default=16, help="connections held open (16)")
    chosen = parser.parse_args(arguments)
    machine = machine_line("no Asterisk")
    rows = measure(chosen.strangers, *((20, 3.0) if chosen.quick else (500, 30.0)))
    print("Others while strangers hold connections open")
    print(machine)
    print(f"goal behind nginx: p95 under {GOAL_S:g} s; times in ms")
    print()
    print(report(rows))
    late = [row for row, _ in rows if row.by == "nginx" and row.p95_s >= GOAL_S]
    if late and not chosen.quick:
        raise SystemExit("\n".join(f"{row.what}: p95 {row.p95_s:.2f} s" for row in late))


if __name__ == "__main__":
    main()
