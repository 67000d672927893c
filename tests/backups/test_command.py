"""The command, as an operator uses it: made, listed, verified, rehearsed, restored, with its exit codes."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select

from supervision.audit.models import AuditEntry
from supervision.backups.__main__ import main
from supervision.backups.models import Backup
from supervision.database import Database
from supervision.paths import BackupPaths
from tests.backups.bureau import Bureau, rows
from tests.backups.forger import Forger

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def command(hq: Bureau, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Command:
    """Runs it in the environment of headquarters, or of another home; exit code, output and errors."""

    monkeypatch.setattr("supervision.backups.__main__.set_up_logging", lambda: None)

    def run(*arguments: str, home: Path | None = None, **environment: str) -> tuple[int, str, str]:
        with monkeypatch.context() as patch:
            settings = {
                "SUPERVISION_HOME": str(home or hq.home),
                "SUPERVISION_MODE": "hq",
                "SUPERVISION_BACKUP_URL": f"file://{hq.place}",
                "SUPERVISION_BACKUP_RECIPIENT": hq.public,
                **environment,
            }
            for name, value in settings.items():
                patch.setenv(name, value)
            capfd.readouterr()
            code = main(arguments)
        said = capfd.readouterr()
        return code, said.out, said.err

    return run


def test_a_backup_is_made_listed_verified_rehearsed_and_restored(
    hq: Bureau, command: Command, tmp_path: Path
) -> None:
    hq.record_calls(2)
    code, said, _ = command("run")
    assert code == 0
    assert re.search(r"^backup 1 of .*: [0-9]+ objects, [0-9,]+ bytes, [0-9,]+ sent$", said, re.MULTILINE)
    assert re.search(r"^1  ", command("list")[1], re.MULTILINE)
    assert command("verify")[0] == 0
    code, said, _ = command("verify", "--identity", str(hq.identity))
    assert (code, "nothing is wrong" in said) == (0, True)
    with hq.archive.database.reading() as session:
        row = session.get_one(Backup, 1)
        assert row.verified_at == row.rehearsed_at is not None
    new = tmp_path / "new"
    key = tmp_path / "key.pem"
    key.write_bytes((hq.place / "hq/manifests/00000001.pem").read_bytes())
    code, said, errors = command("restore", "--identity", str(hq.identity), "--key", str(key), home=new)
    assert (code, errors) == (0, "")
    assert re.search(r"recordings +2 ", said)
    assert re.search(r"differences +0", said)
    restored = Database(f"sqlite:///{new / 'hq.db'}")
    with restored.reading() as session:
        last = session.scalars(select(AuditEntry).order_by(AuditEntry.n.desc()).limit(1)).one()
        assert (last.act, last.subject, last.detail["differences"]) == ("database_restored", "backup:1", 0)
    restored.close()
    assert rows(f"sqlite:///{new / 'hq.db'}").keys() == rows(hq.database_url).keys()


def test_what_is_wrong_is_said_and_the_exit_code_says_so(hq: Bureau, command: Command, tmp_path: Path) -> None:
    hq.record_calls()
    assert command("verify")[0] == 1
    assert "there is no backup of hq" in command("verify")[2]
    command("run")
    lost = hq.there("objects")[0]
    lost.unlink()
    code, _, errors = command("verify")
    assert (code, lost.name in errors, "missing" in errors) == (1, True, True)
    with hq.archive.database.reading() as session:
        assert "missing" in session.get_one(Backup, 1).fault
    new = tmp_path / "new"
    code, said, errors = command("restore", "--identity", str(hq.identity), "--unsigned", home=new)
    assert (code, "missing" in errors) == (3, True)
    assert "nobody vouches for what is restored" in said
    assert "no --key was given" in said
    code, _, errors = command("restore", "--identity", str(hq.identity), "--unsigned", home=new)
    assert (code, "is not empty" in errors) == (1, True), "it is restored: there is nothing to run again"
    for path in hq.there("manifests"):
        path.unlink()
    code, _, errors = command("verify")
    assert (code, "no backup of hq" in errors) == (1, True)


def test_a_restore_asks_whose_signature_it_is_to_believe(hq: Bureau, command: Command, tmp_path: Path) -> None:
    hq.record_calls()
    code, said, _ = command("run")
    assert (code, str(BackupPaths(hq.home).signing_key) in said) == (0, True)
    kept = tmp_path / "kept.pem"
    kept.write_bytes(BackupPaths(hq.home).signing_key.read_bytes())
    restoring = ("restore", "--identity", str(hq.identity))
    with pytest.raises(SystemExit):
        command(*restoring, home=tmp_path / "new")
    Forger(hq, tmp_path / "forger").writes(2)
    code, _, errors = command(*restoring, "--key", str(kept), home=tmp_path / "new")
    assert (code, errors) == (1, "backup 2 is signed by another key\n")
    assert not (tmp_path / "new").exists()
    assert command(*restoring, "--unsigned", home=tmp_path / "new")[0] == 0


def test_refusals_are_sentences(hq: Bureau, command: Command, tmp_path: Path) -> None:
    hq.record_calls()
    command("run")
    nobody = tmp_path / "nobody.txt"
    assert command("new-key", str(nobody))[0] == 0
    assert nobody.stat().st_mode & 0o777 == 0o600
    assert command("new-key", str(nobody))[0] == 1
    code, _, errors = command("restore", "--identity", str(nobody), "--unsigned", home=tmp_path / "new")
    assert (code, errors) == (1, "the backup is not encrypted for this private key\n")
    identity = ("--identity", str(hq.identity), "--unsigned")
    assert "is not empty" in command("restore", *identity)[2]
    assert "zone" in command("restore", *identity, "--at", "2026-11-30", home=tmp_path / "new")[2]
    assert "SUPERVISION_BACKUP_URL" in command("run", SUPERVISION_BACKUP_URL="")[2]
    assert "no log to send" in command("log")[2]
    assert "no private key" in command("verify", "--identity", str(hq.home / "hq.db"))[2]
    assert "SUPERVISION_MODE" in command("list", SUPERVISION_MODE="branch")[2]
