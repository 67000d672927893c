"""What the review room itself takes of a reviewer's time: `python -m bench.reviewing [--quick] [--calls N]`.

Headquarters' site on loopback as in production, a drawn week of short calls, and a leader's headless Chromium who
reviews them by keyboard only: points for all, a remark at a second, the call heard to its end, submitted. What is
timed is where he waits for us: from the key that submits one call to the next one ready to be heard, and from the
key that plays to the sound. All else (hearing, thinking, typing) is his. At fifty calls an hour one call has 72 s;
the last column says what share of them the waiting takes.
"""

import argparse
import hashlib
import secrets
import tempfile
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from time import perf_counter

import numpy as np
import soundfile
from playwright.sync_api import Page, sync_playwright
from sqlalchemy import select
from sqlalchemy.orm import Session

from bench.figures import median, percentile, ratio, shown, table
from bench.live import ARGUMENTS, CHROMIUM
from bench.machine import machine_line
from demo.headquarters import LoopbackHeadquarters
from supervision.actor import Role
from supervision.calls.models import Call
from supervision.calls.rules import Disposition, Party, Witness
from supervision.clock import now
from supervision.draws.models import Draw, Ticket
from supervision.draws.protocol_rules import DrawState
from supervision.draws.rules import Party as DrawParty
from supervision.draws.rules import Tier
from supervision.offices.description import parse_description
from supervision.offices.service import load_office
from supervision.paths import Paths
from supervision.people.service import Person, create_account
from supervision.recordings.models import Recording, RecordingState

FIFTY_AN_HOUR_S = 3600 / 50
LENGTH_S, RATE = 3, 8000
OFFICE = """
office: {code: "07", name: 第七税务所}
lines:
  - {key: 07-1, number: "62310001", name: 一号线, gateway: {account: fxo1}, desks: ["801"], leader: "900"}
desks:
  - {extension: "801", name: 一号台}
  - {extension: "900", name: 带班领导}
"""
READY = "() => document.activeElement?.matches('[data-points]') && document.querySelector('[data-player]')?.player"
SOUNDS = "() => document.querySelector('[data-player] audio').currentTime > 0"
HEARD = "() => { const bar = document.querySelector('[data-part=heard-bar]'); return bar.value >= bar.max; }"


@dataclass
class Waited:
    """Seconds that a reviewer waited: for the next call, and for its sound."""

    next_s: list[float] = field(default_factory=list)
    sound_s: list[float] = field(default_factory=list)


def draw_week(session: Session, paths: Paths, calls: int) -> None:
    """A week of which so many calls were drawn, as it stands when the work begins."""
    load_office(session, parse_description(OFFICE))
    at = now()
    draw = Draw(
        id=uuid.uuid4(),
        name="office:07:2026-W01",
        tier=Tier.OFFICE,
        office_code="07",
        period="2026-W01",
        starts_at=at - timedelta(days=8),
        ends_at=at - timedelta(days=1),
        state=DrawState.DRAWN,
        rate="1/5",
        calls=calls * 5,
        drawn_at=at,
        due_at=at + timedelta(days=6),
        seed=secrets.token_hex(32),
        office_share=secrets.token_hex(32),
        hq_share=secrets.token_hex(32),
        reviewer=DrawParty.OFFICE,
    )
    session.add(draw)
    session.flush()
    for place in range(1, calls + 1):
        call = _recorded(session, paths, place)
        ticket = Ticket(draw_id=draw.id, call_id=call.id, place=place, ticket=f"{place:064x}", stratum="unknown")
        session.add(ticket)


def _recorded(session: Session, paths: Paths, place: int) -> Call:
    at = now() - timedelta(days=2, minutes=place)
    call = Call(
        id=uuid.uuid4(),
        office_code="07",
        line_key="07-1",
        uniqueid=f"b.{place}",
        caller_number="13812345678",
        offered_at=at,
        first_rang_at=at,
        answered_at=at + timedelta(seconds=1),
        ended_at=at + timedelta(seconds=LENGTH_S),
        answered_desk="801",
        rings=1,
        disposition=Disposition.ANSWERED,
        hung_up_by=Party.CALLER,
        witness=Witness.ARI,
    )
    session.add(call)
    session.flush()
    samples = (np.random.default_rng(place).normal(0, 2000, (LENGTH_S * RATE, 2))).astype(np.int16)
    flac = paths.sealed(call.id, at)
    flac.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(flac, samples, RATE, format="FLAC", subtype="PCM_16")
    sealed = flac.read_bytes()
    session.add(
        Recording(
            call_id=call.id,
            state=RecordingState.READY,
            frames=len(samples),
            duration_ms=LENGTH_S * 1000,
            pcm_sha256=hashlib.sha256(samples.tobytes()).hexdigest(),
            flac_sha256=hashlib.sha256(sealed).hexdigest(),
            flac_bytes=len(sealed),
            sealed_at=call.ended_at,
        )
    )
    return call


def review(page: Page, site: str, login: str, password: str, calls: int) -> Waited:
    """Sign in, begin, and go through all calls by keyboard."""
    waited = Waited()
    page.goto(f"{site}/account/sign-in")
    page.fill("input[name=login]", login)
    page.fill("input[type=password]", password)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.goto(f"{site}/review/")
    page.keyboard.press("Enter")
    submitted: float | None = None
    for _ in range(calls):
        page.wait_for_url(f"{site}/review/*-*")
        page.wait_for_function(READY)
        if submitted is not None:
            waited.next_s.append(perf_counter() - submitted)
        began = perf_counter()
        page.keyboard.press("F2")
        page.wait_for_function(SOUNDS)
        waited.sound_s.append(perf_counter() - began)
        page.keyboard.press("F8")
        page.wait_for_function(HEARD)
        submitted = perf_counter()
        with page.expect_navigation():
            page.keyboard.press("F9")
    return waited


def measure(calls: int) -> Waited:
    """One leader, one week."""
    with tempfile.TemporaryDirectory(prefix="b.", ignore_cleanup_errors=True) as name:
        password = secrets.token_urlsafe(12)
        with LoopbackHeadquarters(Path(name) / "hq") as hq:
            with hq.database.transaction() as session:
                draw_week(session, Paths(hq.home), calls)
                leader = Person("陈所长", Role.OFFICE_LEADER, "07")
                create_account(session, None, "chen.suo", leader, password=password, temporary=False)
            hq.start_site()
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
                waited = review(browser.new_page(), hq.site, "chen.suo", password, calls)
                browser.close()
            with hq.database.reading() as session:
                done = session.scalars(select(Ticket.done_at)).all()
        if None in done:
            raise RuntimeError(f"{done.count(None)} of {calls} calls do not count")
        return waited


def report(waited: Waited) -> str:
    """The table, in seconds."""
    whole = [("submitted to the next one ready", waited.next_s), ("play to sound", waited.sound_s)]
    rows = []
    for name, found in whole:
        figures = [shown(one, 3) for one in (median(found), percentile(found, 95), max(found))]
        rows.append([name, *figures, shown(ratio(median(found), FIFTY_AN_HOUR_S), 4, " x")])
    return table(["waited, s", "median", "p95", "most", "median to 72 s"], rows)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.reviewing", description="waiting in the review room")
    parser.add_argument("--quick", action="store_true", help="a smoke test: three calls")
    parser.add_argument("--calls", type=int, default=30, help="calls that are reviewed (30)")
    chosen = parser.parse_args(arguments)
    calls = 3 if chosen.quick else chosen.calls
    machine = machine_line("Chromium")
    waited = measure(calls)
    print("What the review room takes of a reviewer's time")
    print(machine)
    print(f"one leader by keyboard in a headless Chromium, {calls} calls of {LENGTH_S} s")
    print()
    print(report(waited))


if __name__ == "__main__":
    main()
