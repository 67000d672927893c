import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from alembic import op
from sqlalchemy import create_engine, text

from supervision import store
from supervision.errors import Unavailable
from tests.forked import Forked

ROOT = Path(__file__).parents[2]


def test_upgrading_an_empty_database_twice_is_upgrading_it_once(empty_url: str) -> None:
    assert store.check(empty_url) != []
    assert store.upgrade(empty_url) == store.upgrade(empty_url) == store.head()
    assert store.check(empty_url, deep=True) == []


def test_several_processes_may_upgrade_at_once(empty_url: str, tmp_path: Path) -> None:
    environment = _environment(tmp_path / "node") | {"SUPERVISION_DATABASE_URL": empty_url}
    logs = [tmp_path / f"{n}.log" for n in range(2)]
    running = [Forked("supervision.store:main", ["upgrade"], environment, log) for log in logs]
    assert [process.ends(60) for process in running] == [0, 0], [process.said() for process in running]
    assert store.check(empty_url, deep=True) == []


@pytest.mark.postgres
def test_an_upgrade_waits_for_the_one_that_is_going_on(empty_postgres_url: str) -> None:
    engine = create_engine(empty_postgres_url, isolation_level="AUTOCOMMIT")
    upgrading = threading.Thread(target=store.upgrade, args=(empty_postgres_url,))
    waiting = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
    with engine.connect() as other:
        other.execute(text(f"SELECT pg_advisory_lock({store.UPGRADE_LOCK})"))
        upgrading.start()
        give_up = time.monotonic() + 20
        while not other.scalar(waiting) and time.monotonic() < give_up:
            time.sleep(0.02)
        assert other.scalar(waiting) == 1
        assert "no schema yet" in store.check(empty_postgres_url)[0]
        other.execute(text("SELECT pg_advisory_unlock_all()"))
        upgrading.join(20)
    engine.dispose()
    assert store.check(empty_postgres_url) == []


def test_an_upgrade_that_breaks_leaves_nothing_behind(empty_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = op.execute
    monkeypatch.setattr(op, "execute", lambda _statement: whole("CREATE NONSENSE"))
    with pytest.raises(Unavailable, match="cannot be upgraded"):
        store.upgrade(empty_url)
    assert "no schema yet" in store.check(empty_url)[0]
    monkeypatch.undo()
    store.upgrade(empty_url)


def test_a_database_of_a_newer_program_is_left_alone(store_url: str) -> None:
    engine = create_engine(store_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    assert store.check(store_url) == store.check(store_url, deep=True) == []
    assert store.upgrade(store_url) == "9999"


def test_a_database_of_somebody_else_is_refused(store_url: str) -> None:
    engine = create_engine(store_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'ab12cd34'"))
    engine.dispose()
    assert store.check(store_url) == ["the database is at revision ab12cd34, which this program does not know"]


def test_a_deep_check_names_what_differs(store_url: str) -> None:
    engine = create_engine(store_url)
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE parts ADD COLUMN extra integer"))
    engine.dispose()
    assert store.check(store_url) == []
    assert "extra" in " ".join(store.check(store_url, deep=True))


def test_an_upgrade_of_sqlite_ends_with_every_reference_whole_or_not_at_all(sqlite_url: str) -> None:
    engine = create_engine(sqlite_url)  # this connection does not watch foreign keys
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO desks (id, office_code, extension, name, leader, active)"
                " VALUES ('d', 'nowhere', '800', 'x', false, true)"
            )
        )
    engine.dispose()
    with pytest.raises(Unavailable, match="1 rows that refer to nothing"):
        store.upgrade(sqlite_url)


def test_looking_for_a_database_does_not_make_one(tmp_path: Path) -> None:
    assert store.check(f"sqlite:///{tmp_path / 'office.db'}")[0].startswith("there is no database at")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.postgres
def test_a_password_is_never_shown() -> None:
    url = "postgresql+psycopg://u:geheim@/x?host=/nowhere"
    assert "geheim" not in store.check(url)[0]
    with pytest.raises(Unavailable) as refused:
        store.upgrade(url)
    assert "geheim" not in str(refused.value)


def test_the_command_makes_the_home_folder_and_the_database(tmp_path: Path) -> None:
    home = tmp_path / "node"
    assert _forked("check", home, tmp_path / "first")[0] == 1
    made = subprocess.run(
        [sys.executable, "-m", "supervision.store", "upgrade"],
        env=_environment(home),
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    assert (made.returncode, made.stderr) == (0, "")
    assert (home / "office.db").exists()
    assert _forked("check", home, tmp_path / "second")[0] == 0


def test_the_command_says_in_one_sentence_what_is_missing(tmp_path: Path) -> None:
    assert _forked("check", None, tmp_path / "first") == (1, "SUPERVISION_HOME: Field required\n")
    (tmp_path / "file").touch()
    code, errors = _forked("upgrade", tmp_path / "file" / "node", tmp_path / "second")
    assert code == 1
    assert len(errors.splitlines()) == 1
    assert "Not a directory" in errors


def test_the_command_prints_the_schema(capsys: pytest.CaptureFixture[str]) -> None:
    assert store.main(["schema"]) == 0
    assert capsys.readouterr().out == store.schema()


def test_readers_go_on_while_an_upgrade_waits_for_nobody(sqlite_url: str) -> None:
    done = threading.Thread(target=store.upgrade, args=(sqlite_url,))
    engine = create_engine(sqlite_url)
    with engine.connect() as connection:
        connection.execute(text("SELECT count(*) FROM calls")).one()
        done.start()
        done.join(20)
        assert not done.is_alive()
    engine.dispose()


def _environment(home: Path | None) -> dict[str, str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SUPERVISION_")}
    return environment if home is None else environment | {"SUPERVISION_HOME": str(home)}


def _forked(action: str, home: Path | None, log: Path) -> tuple[int | None, str]:
    """How the command ended, and what it wrote to standard error."""
    errors = log.with_suffix(".errors")
    code = Forked("supervision.store:main", [action], _environment(home), log, errors).ends(60)
    return code, errors.read_text("utf-8")
