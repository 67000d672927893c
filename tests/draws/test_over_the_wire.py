"""The whole protocol between a real uplink's coroutine and a real intake, over mutual TLS."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from ari_app.uplink.draws import exchange_draws
from ari_app.uplink.facts import FactSender
from ari_app.uplink.link import Link, Rejected, client
from ari_app.uplink.streams import Uplink
from supervision.certificates import authority
from supervision.clock import day_bounds, local, now
from supervision.database import Database
from supervision.draws.messages import OfficeDrawState, OfficeMessage
from supervision.draws.models import Draw, Ticket
from supervision.draws.protocol_rules import MADE_AFTER, DrawState
from supervision.draws.rules import week_of
from supervision.draws.share_files import ShareFiles
from supervision.draws.transcript import transcript_of
from supervision.paths import CertificateFiles, HqPaths, Paths
from tests.draws.two_sides import CODE, TwoSides, two_sides
from tests.intake.server import serving
from verify_draw import compare, verify

pytestmark = pytest.mark.thorough


def admit(hq: HqPaths, node: Paths, code: str = CODE) -> Paths:
    """Give a node its certificate."""
    files: CertificateFiles = authority.issue_office(hq, code, hq.home / "issued")
    node.to_hq.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for source, target in (
        (files.certificate, node.to_hq.certificate),
        (files.key, node.to_hq.key),
        (hq.ca.certificate, node.hq_authority),
    ):
        target.write_bytes(source.read_bytes())
    return node


async def speak(sides: TwoSides, url: str, paths: Paths, times: int) -> None:
    """The uplink's two talkers, as often as their loops would run them."""
    async with client(url, paths, 4) as http:
        link = Link(http)
        sender = FactSender(Uplink(link, sides.node, CODE))
        context = Uplink(link, sides.node, CODE, clock=lambda: sides.at)
        for _ in range(times):
            await exchange_draws(context, ShareFiles(paths))
            while await sender.send_once():
                pass


def published(side: Database, name: str) -> dict[str, Any]:
    with side.reading() as session:
        return transcript_of(session, session.scalars(select(Draw).where(Draw.name == name)).one())


@pytest.mark.enable_socket
def test_a_week_is_drawn_over_mutual_tls(tmp_path: Path) -> None:
    hq = HqPaths(tmp_path / "hq")
    hq.home.mkdir()
    authority.initialise(hq, "test")
    authority.issue_server(hq, ["127.0.0.1"], hq.server.folder)
    last_week = week_of(week_of(local(now()).date()).first - timedelta(days=1))
    name = f"office:{CODE}:{last_week.name}"
    with (
        two_sides(tmp_path, f"sqlite:///{hq.home / 'hq.db'}") as sides,
        serving(hq, SUPERVISION_MODE="hq") as server,
    ):
        node = admit(hq, Paths(tmp_path / "node"))
        url = f"https://127.0.0.1:{server.port}"
        # Last week, by both clocks: the commitments, which the server's own clock would not take any more.
        starts_at, ends_at = day_bounds(last_week.first)[0], day_bounds(last_week.after)[0]
        sides.at = starts_at + timedelta(days=3)
        sides.speak(2)
        for n in range(7):
            sides.call(sides.at + timedelta(minutes=n), "801" if n % 2 else "802")
        sides.at = max(now(), ends_at + MADE_AFTER)
        asyncio.run(speak(sides, url, node, 5))
        ours, theirs = published(sides.node, name), published(sides.hq, name)
        check = verify(ours)
        compare(check, ours, theirs)
        assert check.faults == []
        assert len(ours["list"]) == 7
        with sides.hq.reading() as session:
            drawn = session.scalars(select(Draw).where(Draw.name == name)).one()
            assert drawn.state is DrawState.DRAWN
            calls = {str(one) for one in session.scalars(select(Ticket.call_id).where(Ticket.draw_id == drawn.id))}
        assert calls == {one["call"] for one in ours["tickets"]}


@pytest.mark.enable_socket
def test_another_office_can_say_nothing_about_a_draw_that_is_not_its_own(tmp_path: Path) -> None:
    hq = HqPaths(tmp_path / "hq")
    hq.home.mkdir()
    authority.initialise(hq, "test")
    authority.issue_server(hq, ["127.0.0.1"], hq.server.folder)
    with (
        two_sides(tmp_path, f"sqlite:///{hq.home / 'hq.db'}") as sides,
        serving(hq, SUPERVISION_MODE="hq") as server,
    ):
        sides.at = now()
        sides.speak()
        thief = admit(hq, Paths(tmp_path / "thief"), "3102")
        name = f"office:{CODE}:{week_of(local(now()).date()).name}"

        async def claim() -> None:
            async with client(f"https://127.0.0.1:{server.port}", thief, 2) as http:
                said = OfficeDrawState(draw=name, commitment="ab" * 32)
                await Link(http).draws(OfficeMessage(draws=(said,)))

        with pytest.raises(Rejected, match="invalid-input"):
            asyncio.run(claim())
        assert published(sides.hq, name)["commitments"]["office"] != "ab" * 32
