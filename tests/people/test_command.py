"""`python -m supervision.people first-admin`."""

import io
from collections.abc import Callable
from pathlib import Path

import pytest

from supervision.database import Database
from supervision.people.__main__ import main
from supervision.people.models import Account
from tests.factories import PASSWORD

Run = Callable[..., int]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, sqlite_url: str, tmp_path: Path) -> Run:
    """The command with a password on standard input."""
    monkeypatch.setenv("SUPERVISION_HOME", str(tmp_path))
    monkeypatch.setenv("SUPERVISION_DATABASE_URL", sqlite_url)

    def command(password: str = PASSWORD, login: str = "admin") -> int:
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{password}\n"))
        return main(["first-admin", "--login", login, "--name", "安全管理员"])

    return command


def test_the_first_administrator_is_made_by_a_command(run: Run, sqlite_url: str) -> None:
    assert run() == 0
    database = Database(sqlite_url)
    with database.reading() as session:
        assert session.query(Account).one().login == "admin"
    database.close()


def test_a_third_one_is_refused_with_a_sentence(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run() == run(login="second") == 0
    assert run(login="third") == 1
    assert "there are two security administrators already" in capsys.readouterr().err


def test_without_tables_it_says_what_to_do(
    run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SUPERVISION_DATABASE_URL", "sqlite://")
    assert run() == 1
    assert "supervision.store upgrade" in capsys.readouterr().err


def test_a_poor_password_is_refused_with_a_sentence(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("short") == 1
    assert "at least 10 characters" in capsys.readouterr().err
