"""An office's node fetches what was judged of its calls and what it has to put right, with its certificate."""

import asyncio
import json
from pathlib import Path
from typing import Any

import httpx

from ari_app.uplink.copies import EVALUATIONS, RECORDS, RECTIFICATIONS, fetch_copies
from ari_app.uplink.link import Link
from ari_app.uplink.streams import Uplink
from supervision.database import Database
from supervision.discipline.models import RecordCopy
from supervision.evaluations.models import EvaluationCopy
from supervision.paths import HqPaths
from supervision.rectification.models import RectificationCopy
from supervision.settings import Settings
from tests.discipline.factories import decided, proposed
from tests.evaluations.factories import make_work, ticket_of
from tests.intake.conftest import Office, TlsConnection, der
from tests.rectification.factories import issued
from tests.store_fixtures import make_store
from web.intake import create_intake

AFTER = ("0", "9" * 18, "9" * 19, "-1", "1.5", "NaN", "%EF%BC%91", "%00", "", "0x1", "1'%20OR%201=1")


class Wire(Link):
    """The link without its TLS: the intake is asked in this process."""

    def __init__(self, office: Office) -> None:
        self.office = office

    async def _ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        query = "&".join(f"{name}={value}" for name, value in more["params"].items())
        answer = self.office.ask(method, f"{path}?{query}")
        return httpx.Response(answer.status_code, content=answer.data)


def test_a_node_keeps_what_was_judged_of_its_own_calls_and_gets_no_others(
    settings: Settings, paths: HqPaths, tmp_path: Path, sqlite_url: str
) -> None:
    hq, node = Database(make_store(settings.home / "office.db")), Database(sqlite_url)
    with hq.transaction() as session:
        judged = make_work(session, tmp_path)
        evaluation_id = judged.judges("leader", ticket_of(judged, 3)).id
    app = create_intake(settings)
    mine, other = (Office(app, TlsConnection(der(paths, code))) for code in ("01", "02"))
    context = Uplink(Wire(mine), node, "01")
    assert asyncio.run(fetch_copies(context, EVALUATIONS)) is False
    assert asyncio.run(fetch_copies(context, EVALUATIONS)) is False
    with node.reading() as session:
        assert [one.evaluation_id for one in session.query(EvaluationCopy)] == [evaluation_id]
    assert json.loads(other.ask("GET", "/v1/evaluations?after=0").data)["copies"] == []
    assert mine.ask("GET", "/v1/evaluations?after=-1").status_code == 422
    for database in (hq, node):
        database.close()


def test_a_notice_and_a_decision_reach_their_offices_node_and_no_other(
    settings: Settings, paths: HqPaths, tmp_path: Path, sqlite_url: str
) -> None:
    hq, node = Database(make_store(settings.home / "office.db")), Database(sqlite_url)
    with hq.transaction() as session:
        work = make_work(session, tmp_path)
        record_id, notice_id = decided(work, proposed(work)).id, issued(work).id
    app = create_intake(settings)
    mine, other = (Office(app, TlsConnection(der(paths, code))) for code in ("01", "02"))
    context = Uplink(Wire(mine), node, "01")
    for _ in range(2):
        assert asyncio.run(fetch_copies(context, RECTIFICATIONS)) is False
        assert asyncio.run(fetch_copies(context, RECORDS)) is False
    with node.reading() as session:
        assert [one.rectification_id for one in session.query(RectificationCopy)] == [notice_id]
        assert [one.record_id for one in session.query(RecordCopy)] == [record_id]
    for path in ("/v1/rectifications", "/v1/records"):
        assert json.loads(other.ask("GET", f"{path}?after=0").data)["copies"] == []
    asked = {after: mine.ask("GET", f"/v1/rectifications?after={after}").status_code for after in AFTER}
    assert asked == {after: 200 if after in {"0", "9" * 18} else 422 for after in AFTER}
    for database in (hq, node):
        database.close()
