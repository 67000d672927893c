"""Live listening's lag behind a step in the tone: `python -m bench.live [--quick] [--steps N]`.

One call on a whole office node (real Asterisk, `ari_app`, uplink), headquarters with intake and site on loopback,
and a supervisor's headless Chromium on the page of that call, listening by the page's own player. As in
`bench.behind` the caller's phone sends A-law of one value and changes it to the opposite one at moments spread
evenly over Asterisk's blocks of 1.024 s, each timed just before the first packet that carries it is sent.

What leaves the player is tapped in the page: whatever is connected to the loudspeaker is connected to an analyser
as well, which is looked at every 4 ms; the step is where its newest sample changes sign. Both clocks are this
machine's CLOCK_REALTIME. The way from there to the ear, which a sound card and its driver decide, is not in it.
"""

import argparse
import secrets
import shutil
import tempfile
import threading
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Page, sync_playwright
from sqlalchemy import select

from asterisk.root import find_or_make
from bench.behind import LONGEST_S, Speaker
from bench.delay import pair_of
from bench.figures import median, percentile, ratio, shown, table
from bench.machine import machine_line
from bench.nodes import WholeNode
from demo.headquarters import LoopbackHeadquarters
from demo.processes import until
from supervision.actor import Role
from supervision.calls.models import Call
from supervision.people.service import Person, create_account

GOAL_S = 3.0
AFTERWARDS_S = 6.0
LOGIN = "sun.li"
CHROMIUM = shutil.which("chromium-headless-shell") or "/usr/bin/chromium"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
TAP = """() => {
    window.heard = [];
    const connect = AudioNode.prototype.connect;
    AudioNode.prototype.connect = function (to, ...rest) {
        if (to instanceof AudioDestinationNode) {
            const tap = new AnalyserNode(this.context, { fftSize: 256 });
            const samples = new Float32Array(256);
            let sign = 0;
            connect.call(this, tap);
            setInterval(() => {
                tap.getFloatTimeDomainData(samples);
                const now = Math.abs(samples[255]) < 0.001 ? 0 : Math.sign(samples[255]);
                if (now && sign && now !== sign) window.heard.push(performance.timeOrigin + performance.now());
                if (now) sign = now;
            }, 4);
        }
        return connect.call(this, to, ...rest);
    };
}"""


@dataclass
class Supervisor(threading.Thread):
    """Somebody who listens in a browser of his own, in a thread of its own, until the call is over."""

    hq: LoopbackHeadquarters
    password: str
    listens: threading.Event = field(default_factory=threading.Event)
    leaves: threading.Event = field(default_factory=threading.Event)
    heard_ms: list[float] = field(default_factory=list)
    said: str = ""

    def __post_init__(self) -> None:
        super().__init__(daemon=True)

    def __hash__(self) -> int:
        return id(self)

    def run(self) -> None:
        """Sign in, wait for the call, listen to the caller."""
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
            page = browser.new_page()
            page.add_init_script(f"({TAP})()")
            self._sign_in(page)
            page.goto(f"{self.hq.site}/calls/{self._call()}")
            page.wait_for_selector("[data-listener]")
            page.keyboard.press("2")
            page.keyboard.press(" ")
            page.wait_for_selector("[data-listener][data-state=live]")
            page.wait_for_timeout(3000)
            self.listens.set()
            while not self.leaves.is_set():
                page.wait_for_timeout(200)
                self.said = page.locator("[data-part=state]").inner_text()
            self.heard_ms = list(page.evaluate("window.heard"))
            browser.close()

    def _sign_in(self, page: Page) -> None:
        page.goto(f"{self.hq.site}/account/sign-in")
        page.fill("input[name=login]", LOGIN)
        page.fill("input[type=password]", self.password)
        with page.expect_navigation():
            page.keyboard.press("Enter")

    def _call(self) -> uuid.UUID:
        def going_on() -> uuid.UUID | None:
            with self.hq.database.reading() as session:
                return session.scalars(select(Call.id).where(Call.ended_at.is_(None))).first()

        return until("the call at headquarters", going_on, 30)


def lags(spoken_ns: Sequence[int], heard_ms: Sequence[float]) -> list[float]:
    """Each step's lag in seconds. Raises ValueError if other steps were heard than were spoken."""
    if len(spoken_ns) != len(heard_ms):
        raise ValueError(f"{len(spoken_ns)} steps were spoken, {len(heard_ms)} were heard")
    return [heard / 1e3 - spoke / 1e9 for spoke, heard in zip(spoken_ns, heard_ms, strict=True)]


def measure(steps: int) -> list[float]:
    """One call with so many steps, listened to."""
    with tempfile.TemporaryDirectory(prefix="b.", ignore_cleanup_errors=True) as name:
        folder, password = Path(name), secrets.token_urlsafe(12)
        with (
            LoopbackHeadquarters(folder / "hq") as hq,
            WholeNode(folder / "node", 1, find_or_make(), hq) as node,
            pair_of(node).register() as phones,
        ):
            hq.start_site()
            with hq.database.transaction() as session:
                person = Person("孙丽", Role.SUPERVISOR)
                create_account(session, None, LOGIN, person, password=password, temporary=False)
            supervisor = Supervisor(hq, password)
            supervisor.start()
            speaker = Speaker(phones.gateway.media, steps)
            done_at: list[float] = []

            def said_all() -> bool:
                if not supervisor.listens.is_set() and supervisor.is_alive():
                    return False
                if speaker.said_all(time.time_ns()) and not done_at:
                    done_at.append(time.monotonic())
                return bool(done_at) and time.monotonic() > done_at[0] + AFTERWARDS_S

            phones.call(node.description.lines[0].number, 0, said_all, steps * LONGEST_S + AFTERWARDS_S + 60)
            supervisor.leaves.set()
            supervisor.join()
            return lags(speaker.spoken_ns[1:], supervisor.heard_ms)


def report(found: Sequence[float]) -> str:
    """The table, in seconds."""
    figures = [min(found), median(found), percentile(found, 95), max(found)]
    to_goal = shown(ratio(max(found), GOAL_S), 2, " x")
    row = ["caller's phone to the supervisor's player", *(shown(figure, 3) for figure in figures), to_goal]
    return table(["lag, s", "least", "median", "p95", "most", f"most to goal {GOAL_S:g}"], [row])


def main(arguments: list[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.live", description="live listening's lag")
    parser.add_argument("--quick", action="store_true", help="a smoke test: four steps")
    parser.add_argument("--steps", type=int, default=60, help="steps in what the caller says (60)")
    chosen = parser.parse_args(arguments)
    steps = 4 if chosen.quick else chosen.steps
    machine = machine_line(find_or_make().version)
    found = measure(steps)
    print("Live listening's lag behind a step in the tone")
    print(machine)
    print(f"one call heard in a headless Chromium, {steps} steps in what the caller says")
    print()
    print(report(found))


if __name__ == "__main__":
    main()
