"""Signed heads: made each hour, checked by openssl, kept by offices, and what does not fit is found."""

import base64
import shlex
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

import verify_audit
from supervision.audit import rules
from supervision.audit.checkpoints import (
    SentCheckpoint,
    checkpoints_after,
    get_checkpoint,
    holds_head,
    is_checkpoint_due,
    keep_checkpoint,
    last_checkpoint,
    list_checkpoints,
    make_checkpoint,
)
from supervision.audit.models import Checkpoint
from supervision.audit.queries import exported, exported_heads, read_links
from supervision.audit.rules import CheckpointFault, Head, Stamp, digest_of, fault_after, is_due, read_stamp
from supervision.audit.service import record
from supervision.certificates.signing_key import sign
from supervision.database import Database
from supervision.errors import NotFound
from supervision.paths import Paths
from supervision.settings import Mode, Settings
from tests.run_once import run_once
from tests.store_fixtures import make_store

NOON = datetime(2026, 3, 10, 4, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    return Paths(tmp_path / "hq")


def act(hq: Database) -> None:
    with hq.transaction() as session:
        record(session, None, "signed_in", "account:1", {"秒": 1})


def make(hq: Database, paths: Paths, at: datetime = NOON) -> Checkpoint | None:
    with hq.transaction() as session:
        return make_checkpoint(session, paths, at)


def made(hq: Database, paths: Paths, at: datetime = NOON) -> Checkpoint:
    act(hq)
    found = make(hq, paths, at)
    assert found is not None
    return found


def sent(hq: Database, after: int = 0) -> list[SentCheckpoint]:
    with hq.reading() as session:
        return list(checkpoints_after(session, after).checkpoints)


def files(one: Checkpoint, folder: Path) -> tuple[Path, Path, Path]:
    """The three files that an auditor takes away."""
    said, key = folder / f"checkpoint-{one.number:06d}.txt", folder / "key.pem"
    said.write_bytes(one.text.encode())
    said.with_suffix(".sig").write_bytes(base64.b64decode(one.signature))
    key.write_text(one.key)
    return said, said.with_suffix(".sig"), key


def openssl(said: Path, signature: Path, key: Path) -> str:
    command = ["openssl", "dgst", "-sha256", "-verify", str(key), "-signature", str(signature), str(said)]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()  # noqa: S603


def test_a_checkpoint_says_in_six_lines_what_it_signs(store: Database, paths: Paths) -> None:
    one = made(store, paths)
    assert one.text == (
        "supervision audit checkpoint\nnumber 1\nat 2026-03-10T04:00:00.000+00:00\nentries 1\n"
        f"head {one.hash}\nprevious {'0' * 64}\n"
    )
    assert read_stamp(one.text).head == Head(1, one.hash)


def test_openssl_finds_the_signature_good_and_any_other_text_bad(
    store: Database, paths: Paths, tmp_path: Path
) -> None:
    said, signature, key = files(made(store, paths), tmp_path)
    assert openssl(said, signature, key) == "Verified OK"
    said.write_text(said.read_text().replace("entries 1", "entries 2"))
    assert openssl(said, signature, key) != "Verified OK"


@pytest.mark.parametrize("manual", ["docs/operate/verify.md", "docs/operate/verify.zh-CN.md"])
def test_the_commands_of_the_manual_do_what_it_says(
    store: Database, paths: Paths, tmp_path: Path, manual: str
) -> None:
    files(made(store, paths), tmp_path)
    (tmp_path / "key.pem").rename(tmp_path / "audit-signing-key.pem")
    with store.reading() as session:
        (tmp_path / "audit.jsonl").write_text("".join(exported(read_links(session))), "utf-8")
        (tmp_path / "heads.jsonl").write_text("".join(exported_heads(session)), "utf-8")
    (tmp_path / "verify_audit.py").symlink_to(verify_audit.__file__)
    lines = (Path(verify_audit.__file__).parent / manual).read_text("utf-8").splitlines()
    commands = [line for line in lines if line.startswith(("python3 verify_audit.py ", "openssl dgst "))]
    assert len(commands) == 3
    for command in commands:
        words = shlex.split(command.replace("000017", "000001"), comments=True)
        done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=True)  # noqa: S603
        assert "Verified OK" in done.stdout or "Covered by kept heads: entries 1 to 1" in done.stdout


def test_one_is_made_each_hour_and_none_before_anybody_acted(store: Database, paths: Paths) -> None:
    assert make(store, paths) is None
    assert made(store, paths).number == 1
    assert make(store, paths, NOON + HOUR - timedelta(seconds=1)) is None
    second = make(store, paths, NOON + HOUR)
    assert second is not None
    assert (second.number, read_stamp(second.text).previous) == (2, digest_of(sent(store)[0].text))
    with store.reading() as session:
        assert not is_checkpoint_due(session, NOON + HOUR)


def test_the_worker_of_headquarters_makes_them_and_a_nodes_does_not(store: Database, tmp_path: Path) -> None:
    act(store)
    name = "sign the head of the audit log"
    office = Settings(home=tmp_path / "office", database_url=store.url)
    hq = Settings(home=tmp_path / "hq", mode=Mode.HQ, database_url=store.url)
    assert name not in run_once(office, store)
    assert run_once(hq, store)[name] == 1
    assert (tmp_path / "hq" / "secrets" / "audit-signing-key").stat().st_mode & 0o777 == 0o600


def test_an_office_keeps_what_is_signed_in_order(store: Database, paths: Paths, tmp_path: Path) -> None:
    node = Database(make_store(tmp_path / "node.db"))
    for n in range(3):
        made(store, paths, NOON + n * HOUR)
    with node.transaction() as session:
        assert [keep_checkpoint(session, one, NOON) for one in sent(store)] == [None] * 3
        last = last_checkpoint(session)
        assert last is not None
        assert (last.number, last.n) == (3, 3)
    with store.reading() as session:
        assert holds_head(session, Head(last.n, last.hash))
        assert not holds_head(session, Head(last.n, "f" * 64))
        assert not holds_head(session, Head(9, last.hash))
    node.close()


def forged(paths: Paths, stamp: Stamp) -> SentCheckpoint:
    signature, key = sign(paths, stamp.text.encode())
    return SentCheckpoint(text=stamp.text, signature=signature, key=key)


def test_what_does_not_fit_is_named_and_only_what_says_something_for_sure_is_kept(
    store: Database, paths: Paths, tmp_path: Path
) -> None:
    strangers = Paths(tmp_path / "strangers")
    first = Stamp(1, NOON, Head(5, "a" * 64), digest_of(None))
    cases = [
        (forged(paths, first), None),
        (forged(paths, first), CheckpointFault.WENT_BACK),
        (SentCheckpoint(text="nothing", signature="", key=""), CheckpointFault.UNREADABLE),
        (forged(paths, first).model_copy(update={"signature": "AAAA"}), CheckpointFault.NOT_SIGNED),
        (forged(paths, first).model_copy(update={"key": "no key"}), CheckpointFault.NOT_SIGNED),
        (forged(paths, Stamp(2, NOON, Head(6, "b" * 64), "c" * 64)), CheckpointFault.NOT_CHAINED),
        (forged(paths, Stamp(5, NOON, Head(5, "d" * 64), "e" * 64)), CheckpointFault.OTHER_HEAD),
        (forged(strangers, Stamp(9, NOON, Head(7, "d" * 64), "e" * 64)), CheckpointFault.OTHER_KEY),
    ]
    for one, fault in cases:
        with store.transaction() as session:
            assert keep_checkpoint(session, one, NOON) is fault
    with store.reading() as session:
        assert [row.number for row in list_checkpoints(session).rows] == [9, 5, 2, 1]


def test_a_head_that_goes_back_or_changes_in_place_is_no_successor() -> None:
    last = Stamp(3, NOON, Head(10, "a" * 64), digest_of(None))
    follows = Stamp(4, NOON, Head(10, "a" * 64), digest_of(last.text))
    assert fault_after(follows, last) is None
    assert fault_after(Stamp(4, NOON, Head(9, "b" * 64), digest_of(last.text)), last) is CheckpointFault.OTHER_HEAD
    assert (
        fault_after(Stamp(4, NOON, Head(10, "b" * 64), digest_of(last.text)), last) is CheckpointFault.OTHER_HEAD
    )
    assert fault_after(Stamp(7, NOON, Head(12, "b" * 64), "f" * 64), last) is None, "some between were not seen"


def test_the_hour_is_what_turns_and_not_sixty_minutes() -> None:
    assert is_due(None, NOON)
    assert is_due(NOON + timedelta(minutes=59), NOON + HOUR)
    assert not is_due(NOON, NOON + timedelta(minutes=59))
    assert is_due(NOON + timedelta(days=7), NOON), "the clock was a week ahead for a moment"


@pytest.mark.parametrize(
    "said",
    ["", "supervision audit checkpoint\n", Stamp(1, NOON, Head(1, "a" * 64), "b" * 64).text + "\n", "x" * 500],
)
def test_a_text_that_is_not_exactly_a_checkpoint_is_none(said: str) -> None:
    with pytest.raises(ValueError, match="no checkpoint"):
        read_stamp(said)
    assert rules.read_stamp(Stamp(1, NOON, Head(1, "a" * 64), "b" * 64).text).number == 1


def test_pages_of_heads_lead_back_and_forth(store: Database, paths: Paths) -> None:
    for n in range(5):
        made(store, paths, NOON + n * HOUR)
    with store.reading() as session:
        first = list_checkpoints(session, limit=2)
        second = list_checkpoints(session, before=first.older, limit=2)
        back = list_checkpoints(session, after=second.newer, limit=2)
        assert [[row.number for row in page.rows] for page in (first, second, back)] == [[5, 4], [3, 2], [5, 4]]
        assert (first.newer, back.newer) == (None, None)
        with pytest.raises(NotFound):
            get_checkpoint(session, 99)


@pytest.mark.parametrize("statement", ["UPDATE audit_checkpoints SET n = 1", "DELETE FROM audit_checkpoints"])
def test_what_is_kept_can_be_neither_changed_nor_removed(store: Database, paths: Paths, statement: str) -> None:
    made(store, paths)
    with pytest.raises(DBAPIError, match="never"), store.transaction() as session:
        session.execute(text(statement))


def test_verify_audit_takes_checkpoints_heads_and_the_key(
    store: Database, paths: Paths, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said, signature, key = files(made(store, paths), tmp_path)
    act(store)
    log, heads = tmp_path / "audit.jsonl", tmp_path / "heads.jsonl"
    with store.reading() as session:
        log.write_text("".join(exported(read_links(session))), "utf-8")
        heads.write_text("".join(exported_heads(session)), "utf-8")
    command = [str(log), "--heads", str(heads), "--checkpoints", str(said), "--key", str(key)]
    assert verify_audit.main(command) == 0
    output = capsys.readouterr().out
    assert "entries 1 to 1" in output
    assert "NOT COVERED: entries 2 to 2" in output
    assert "signatures" not in output
    assert verify_audit.main(command[:-2]) == 0
    assert "NOT COVERED: the checkpoints' signatures" in capsys.readouterr().out
    signature.write_bytes(b"\x30\x00")
    assert verify_audit.main(command) == 1
    assert "is not signed by that key" in capsys.readouterr().out
