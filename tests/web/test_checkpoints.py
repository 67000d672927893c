"""Kept heads are looked at and taken away, and at headquarters the auditor looks at every office's log."""

import base64
import json
import uuid
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy import text as sql

from supervision.actor import Role
from supervision.audit.checkpoints import make_checkpoint, note_receipt
from supervision.audit.messages import apply_entry
from supervision.audit.models import AuditEntry
from supervision.audit.rules import GENESIS, Content, hash_of
from supervision.audit.service import record
from supervision.clock import now
from supervision.database import Database
from supervision.exchange.models import Inbox
from supervision.paths import Paths
from supervision.settings import Mode
from tests.factories import make_office
from tests.web.conftest import Browser, People
from verify_audit import verify

EPOCH = uuid.UUID("01890000-0000-7000-8000-000000000007")
LOG = f"07.{EPOCH}"


def auditor(people: People) -> Browser:
    browser = people.enters(Role.AUDITOR)
    browser.post("/account/language", {"language": "en"})
    return browser


def signed(database: Database, home: Path) -> str:
    with database.transaction() as session:
        record(session, None, "signed_in", "account:1", {})
        made = make_checkpoint(session, Paths(home), now())
        assert made is not None
        return made.text


def test_a_machine_without_heads_says_when_the_first_comes(people: People) -> None:
    assert "No head yet" in auditor(people).get("/checkpoints/").text


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.OFFICE_LEADER])
def test_each_head_is_taken_away_as_the_files_that_openssl_takes(
    people: People, database: Database, tmp_path: Path, role: Role
) -> None:
    text = signed(database, tmp_path)
    browser = people.enters(role)
    assert "checkpoint-000001.sig" in browser.get("/checkpoints/").text
    answer = browser.get("/checkpoints/text?number=1")
    assert answer.text == text
    assert 'filename="checkpoint-000001.txt"' in answer.headers["Content-Disposition"]
    assert browser.get("/checkpoints/key?number=1").text.startswith("-----BEGIN PUBLIC KEY-----")
    assert browser.get("/checkpoints/signature?number=1").data[0] == 0x30
    assert base64.b64encode(browser.get("/checkpoints/signature?number=1").data)
    (head,) = [json.loads(line) for line in browser.get("/checkpoints/heads").text.splitlines()]
    assert (head["number"], head["n"]) == (1, json.loads(f"{head['n']}"))
    assert browser.get("/checkpoints/text?number=9").status_code == 404
    assert browser.get("/checkpoints/text").status_code == 422


def test_a_log_is_exported_as_it_was_hashed_and_that_is_written_down(people: People, database: Database) -> None:
    browser = auditor(people)
    answer = browser.get("/audit/export", buffered=True)
    found = verify(answer.text.splitlines(), [])
    assert found.faults == []
    with database.reading() as session:
        acts = session.scalars(select(AuditEntry.act).order_by(AuditEntry.n)).all()
    assert acts[-1] == "audit_exported"
    assert found.entries == len(acts), "with the entry that says so"


class TestAtHeadquarters:
    """The logs of the offices' nodes."""

    @pytest.fixture
    def mode(self) -> Mode:
        return Mode.HQ

    @pytest.fixture(autouse=True)
    def _log_of_an_office(self, database: Database) -> None:
        previous = GENESIS
        with database.transaction() as session:
            make_office(session, "07", "第七税务所")
            session.add(Inbox(office_code="07", epoch=EPOCH, n=3, taken=3, heard_at=now()))
            for n in range(1, 4):
                content = Content(
                    n, now(), None, "王芳 (wang.fang)", "recording_downloaded", f"call:{n}", "07", {}
                )
                hashed = hash_of(content, previous)
                body = vars(content) | {"previous": previous, "hash": hashed}
                assert apply_entry(session, "07", EPOCH, body, now()) is None
                previous = hashed

    def test_the_page_says_which_offices_keep_which_head(
        self, people: People, database: Database, tmp_path: Path
    ) -> None:
        signed(database, tmp_path)
        browser = auditor(people)
        assert "not yet: 第七税务所" in browser.get("/checkpoints/").text
        with database.transaction() as session:
            note_receipt(session, "07", 1, now())
        page = browser.get("/checkpoints/").text
        assert "1 / 1" in page
        assert "not yet" not in page
        with database.transaction() as session:
            for n in range(1, 6):
                make_office(session, f"1{n}", f"{n}所")
        assert "not yet: 1所, 2所 and 3 more" in browser.get("/checkpoints/").text

    def test_verifying_holds_the_log_to_the_signed_heads_too(
        self, people: People, database: Database, tmp_path: Path
    ) -> None:
        signed(database, tmp_path)
        browser = auditor(people)
        text = browser.post("/audit/verify").text
        assert "1 signed head was checked as well: its signature is right." in text
        assert "the signed heads here cover entries 1 to" in text
        with database.transaction() as session:
            session.execute(sql("DROP TRIGGER audit_checkpoints_no_update"))
            session.execute(sql("UPDATE audit_checkpoints SET signature = 'AAAA'"))
        assert "Signed head No. 1: its signature is wrong" in browser.post("/audit/verify").text

    def test_a_file_of_kept_heads_is_pasted_as_it_is(
        self, people: People, database: Database, tmp_path: Path
    ) -> None:
        signed(database, tmp_path)
        browser = auditor(people)
        heads = browser.get("/checkpoints/heads").text
        n = json.loads(heads)["n"]
        answer = browser.post("/audit/verify", {"head": f"\n{heads}\n1:{'f' * 64}\n"})
        assert "Entry 1 is not the one whose head was kept" in answer.text
        answer = browser.post("/audit/verify", {"head": heads})
        assert f"The heads that you gave cover entries 1 to {n}." in answer.text
        for nonsense in ('{"n": 1}', "{", '{"n": "x", "hash": 3}'):
            assert browser.post("/audit/verify", {"head": nonsense}).status_code == 422

    def test_an_auditor_looks_at_an_offices_log_and_filters_it(self, people: People) -> None:
        browser = auditor(people)
        assert "wang.fang" not in browser.get("/audit/").text
        text = browser.get(f"/audit/?log={LOG}").text
        assert text.count("王芳 (wang.fang)") == 3
        assert f'value="{LOG}" selected' in text
        assert browser.get(f"/audit/?log={LOG}&subject=call:2").text.count("王芳 (wang.fang)") == 1
        assert "No entry fits" in browser.get(f"/audit/?log=08.{EPOCH}").text
        assert browser.get("/audit/?log=nonsense").status_code == 422

    def test_it_is_verified_and_exported_by_itself(self, people: People, database: Database) -> None:
        browser = auditor(people)
        assert f'value="{LOG}" selected' in browser.get(f"/audit/verify?log={LOG}").text
        answer = browser.post("/audit/verify", {"log": LOG})
        assert "The chain is sound: 3 entries" in answer.text
        assert (
            "Entry 3 is not the one whose head was kept"
            in browser.post("/audit/verify", {"log": LOG, "head": "3:" + "f" * 64}).text
        )
        exported = browser.get(f"/audit/export?log={LOG}", buffered=True)
        assert verify(exported.text.splitlines(), []).entries == 3
        with database.reading() as session:
            entry = session.scalars(select(AuditEntry).order_by(AuditEntry.n.desc())).first()
            assert entry is not None
            assert (entry.act, entry.detail["log"], entry.office_code) == ("audit_exported", LOG, "07")
