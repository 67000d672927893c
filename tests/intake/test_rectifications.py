"""An office's node asks for what it is asked to put right, over the wire that knows who it is."""

import asyncio
import json
from pathlib import Path

from ari_app.uplink.rectifications import fetch_rectifications
from ari_app.uplink.streams import Uplink
from supervision.database import Database
from supervision.paths import HqPaths
from supervision.rectification.models import RectificationCopy
from supervision.settings import Settings
from tests.evaluations.factories import make_work
from tests.intake.conftest import Office, TlsConnection, der
from tests.intake.test_evaluations import Wire
from tests.rectification.factories import issued
from tests.store_fixtures import make_store
from web.intake import create_intake

AFTER = ("0", "9" * 18, "9" * 19, "-1", "1.5", "NaN", "%EF%BC%91", "%00", "", "0x1", "1'%20OR%201=1")


def test_a_notice_reaches_its_offices_node_and_no_other(
    settings: Settings, paths: HqPaths, tmp_path: Path, sqlite_url: str
) -> None:
    hq, node = Database(make_store(settings.home / "office.db")), Database(sqlite_url)
    with hq.transaction() as session:
        notice_id = issued(make_work(session, tmp_path)).id
    app = create_intake(settings)
    mine, other = (Office(app, TlsConnection(der(paths, code))) for code in ("01", "02"))
    context = Uplink(Wire(mine), node, "01")
    assert asyncio.run(fetch_rectifications(context)) is False
    assert asyncio.run(fetch_rectifications(context)) is False
    with node.reading() as session:
        assert [one.rectification_id for one in session.query(RectificationCopy)] == [notice_id]
    assert json.loads(other.ask("GET", "/v1/rectifications?after=0").data)["rectifications"] == []
    asked = {after: mine.ask("GET", f"/v1/rectifications?after={after}").status_code for after in AFTER}
    assert asked == {after: 200 if after in {"0", "9" * 18} else 422 for after in AFTER}
    for database in (hq, node):
        database.close()
