"""An office's backup: its database, Asterisk's own witness, its secrets; and what of it is nobody's."""

import io
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from supervision.backups.encryption import new_identity, read_identities
from supervision.backups.errors import WrongKey
from supervision.backups.restoring import restore
from supervision.paths import Paths
from tests.backups.bureau import Bureau, files, rows


@pytest.fixture
def node(office: Bureau) -> Bureau:
    """An office with a call, and Asterisk's files as they are while it runs."""
    office.record_calls(2)
    paths = Paths(office.home)
    paths.office_file.write_text("office: {code: '01'}\n", "utf-8")
    paths.cdr.parent.mkdir(parents=True)
    paths.cdr.write_text('"3101","13812345678"\n', "utf-8")
    paths.queue_log.write_text("1|NONE|NONE|NONE|QUEUESTART|\n", "utf-8")
    with closing(sqlite3.connect(paths.cel)) as database:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("CREATE TABLE cel (uniqueid TEXT)")
        database.execute("INSERT INTO cel VALUES ('c.1')")
        database.commit()
    for name in ("asterisk/etc/pjsip.conf", "run/attempts.db", "asterisk/lib/sounds/own/welcome.sln16"):
        file = office.home / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"something")
    (office.home / "asterisk/lib/sounds/en").symlink_to("/usr/share")
    (office.home / "tls").mkdir()
    (office.home / "tls/office.key").write_text("a key", "ascii")
    return office


def test_an_office_is_restored_with_all_that_only_it_has(node: Bureau, tmp_path: Path) -> None:
    before = rows(node.database_url)
    node.back_up()
    restored = node.settings(tmp_path / "new", "")
    report = restore(restored, node.source(), node.identities)
    assert (report.faults, report.recordings) == ([], 2)
    assert rows(restored.database()) == before
    kept = ("archive", "spool", "secrets", "tls", "asterisk/lib")
    assert files(restored.home, *kept) == {
        path: data for path, data in files(node.home, *kept).items() if "draw-shares-given" not in path
    }
    paths = Paths(restored.home)
    assert paths.office_file.read_text("utf-8") == "office: {code: '01'}\n"
    assert paths.cdr.read_text("utf-8") == '"3101","13812345678"\n'
    assert paths.queue_log.exists()
    with closing(sqlite3.connect(paths.cel)) as database:
        assert database.execute("SELECT uniqueid FROM cel").fetchall() == [("c.1",)]
    assert not (restored.home / "asterisk/etc").exists()
    assert not (restored.home / "run/attempts.db").exists()


def test_headquarters_key_opens_nothing_of_an_office(node: Bureau, tmp_path: Path) -> None:
    made = node.back_up()
    listing = node.source().listing(node.source().manifest(made.number))
    file = tmp_path / "hq.txt"
    file.write_text(new_identity()[0], "ascii")
    for one in listing:
        with pytest.raises(WrongKey):
            node.source().fetch(one, io.BytesIO(), read_identities(file))
