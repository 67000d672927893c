from pathlib import Path

import pytest
from sqlalchemy import Engine, Enum, create_engine
from sqlalchemy.exc import DatabaseError, IntegrityError

from supervision import store
from supervision.database import Database
from supervision.models import Base
from tests.postgres import PostgresServer
from tests.store.catalogue import Catalogue, catalogue, without

SCHEMA = Path(__file__).parents[2] / "schema.sql"
ENTRY = (
    "INSERT INTO audit_entries (n, at, actor, act, subject, detail, previous, hash)"
    " VALUES (1, '2026-01-05 08:00:00', 'li', 'listen', 'x', '{}', '', 'h')"
)


def test_the_migrations_make_what_the_models_say(store_url: str) -> None:
    engine = create_engine(store_url)
    with engine.connect() as connection:
        assert store.differences(connection) == []
    engine.dispose()


def test_the_live_catalogue_after_the_migrations_is_that_of_the_models(
    request: pytest.FixtureRequest, store_url: str, tmp_path: Path
) -> None:
    empty_url = f"sqlite:///{tmp_path / 'by_models.db'}"
    if store_url.startswith("postgresql"):
        empty_url = request.getfixturevalue("empty_postgres_url")
    by_models = Database(empty_url)
    Base.metadata.create_all(by_models.engine)
    by_migrations = create_engine(store_url)
    assert without(_of(by_migrations), "alembic_version") == _of(by_models.engine)
    by_models.close()
    by_migrations.dispose()


def test_a_vocabulary_is_open_in_all_its_columns_or_closed_in_all() -> None:
    checked: dict[str, set[bool]] = {}
    for table in Base.metadata.tables.values():
        for kind in (column.type for column in table.columns if isinstance(column.type, Enum)):
            checked.setdefault(str(kind.enum_class), set()).add(kind.create_constraint)
    assert [name for name, ways in checked.items() if len(ways) > 1] == [], "see `enum_of`"


@pytest.mark.postgres
def test_schema_sql_makes_the_same_live_catalogue_as_the_migrations(
    postgres_url: str, empty_postgres_url: str
) -> None:
    by_file, by_migrations = create_engine(empty_postgres_url), create_engine(postgres_url)
    with by_file.begin() as connection:
        connection.exec_driver_sql(SCHEMA.read_text("utf-8").replace("%", "%%"))
    assert _of(by_file) == _of(by_migrations)
    by_file.dispose()
    by_migrations.dispose()
    assert store.check(empty_postgres_url, deep=True) == []


def test_schema_sql_is_what_the_models_say() -> None:
    assert SCHEMA.read_text("utf-8") == store.schema(), (
        "schema.sql is behind the models: python -m supervision.store schema > schema.sql"
    )


@pytest.mark.postgres
@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE calls DROP CONSTRAINT ck_calls_party, "
        "ADD CONSTRAINT ck_calls_party CHECK (hung_up_by IN ('caller'))",
        "ALTER TABLE calls ALTER COLUMN rings SET DEFAULT 0",
        "ALTER TABLE calls ALTER COLUMN rings DROP NOT NULL",
        "ALTER TABLE calls ALTER COLUMN rings TYPE bigint",
        "DROP INDEX ix_calls_ended_at",
        "DROP TRIGGER audit_entries_no_change ON audit_entries",
        "ALTER TABLE parts ADD COLUMN extra integer",
    ],
)
def test_the_comparison_of_catalogues_sees_any_change(postgres_url: str, change: str) -> None:
    engine = create_engine(postgres_url)
    before = _of(engine)
    with engine.begin() as connection:
        connection.exec_driver_sql(change)
    assert _of(engine) != before
    engine.dispose()


@pytest.mark.parametrize(
    "act",
    [
        ENTRY.replace("INSERT", "INSERT OR REPLACE"),
        ENTRY.replace("INSERT", "INSERT OR REPLACE").replace("(1, ", "(2, "),
        ENTRY.replace("INSERT", "INSERT OR REPLACE").replace("(1, ", "(3, ").replace("'h'", "'other'"),
        ENTRY.replace("INSERT", "REPLACE").replace("'li'", "'wang'"),
    ],
    ids=["same", "same hash", "gap", "other actor"],
)
def test_an_audit_entry_cannot_be_replaced_in_sqlite_either(sqlite_url: str, act: str) -> None:
    engine = create_engine(sqlite_url)
    with engine.begin() as connection:
        connection.exec_driver_sql(ENTRY)
    with pytest.raises(DatabaseError, match="audit entries are never"), engine.begin() as connection:
        connection.exec_driver_sql(act)
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT n, actor, hash FROM audit_entries").all() == [(1, "li", "h")]
    engine.dispose()


@pytest.mark.postgres
def test_an_audit_entry_cannot_be_replaced_in_postgresql_either(postgres_url: str) -> None:
    engine = create_engine(postgres_url)
    with engine.begin() as connection:
        connection.exec_driver_sql(ENTRY)
    with pytest.raises(DatabaseError, match="audit entries are never"), engine.begin() as connection:
        connection.exec_driver_sql(f"{ENTRY} ON CONFLICT (n) DO UPDATE SET actor = 'wang'")
    engine.dispose()


def test_two_lines_share_a_number_only_where_one_of_them_is_gone(store_url: str) -> None:
    engine = create_engine(store_url)
    line = (
        "INSERT INTO lines (key, office_code, number, name, rings_before_us, ring_s, announcement, active)"
        " VALUES ('{}', '01', '1001', 'x', 0, 5, true, {})"
    )
    with engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO offices (code, name, site) VALUES ('01', 'x', '')")
        connection.exec_driver_sql(line.format("gone", "false"))
        connection.exec_driver_sql(line.format("here", "true"))
    with pytest.raises(IntegrityError), engine.begin() as connection:
        connection.exec_driver_sql(line.format("third", "true"))
    engine.dispose()


def test_nobody_holds_an_administrative_role_other_than_the_one_he_held(store_url: str) -> None:
    engine = create_engine(store_url)
    account = (
        "INSERT INTO accounts"
        " (id, login, name, role, administered_as, must_change_password, active, guarded,"
        "  created_at, established_at, version)"
        " VALUES ('00000000000000000000000000000001', 'x', 'x', 'auditor', {}, false, true, true,"
        "  '2026-01-05', '2026-01-05', 1)"
    )
    for held in ("NULL", "'system_administrator'"):
        with pytest.raises(IntegrityError), engine.begin() as connection:
            connection.exec_driver_sql(account.format(held))
    with engine.begin() as connection:
        connection.exec_driver_sql(account.format("'auditor'"))
    engine.dispose()


@pytest.mark.parametrize("act", ["UPDATE audit_entries SET act = 'nothing'", "DELETE FROM audit_entries"])
def test_an_audit_entry_can_be_neither_changed_nor_removed(store_url: str, act: str) -> None:
    engine = create_engine(store_url)
    with engine.begin() as connection:
        connection.exec_driver_sql(ENTRY)
    with pytest.raises(DatabaseError, match="audit entries are never"), engine.begin() as connection:
        connection.exec_driver_sql(act)
    engine.dispose()


def test_a_word_that_is_not_in_the_list_is_refused_by_the_database(store_url: str) -> None:
    engine = create_engine(store_url)
    with pytest.raises(IntegrityError), engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO accounts"
            " (id, login, name, role, must_change_password, active, guarded,"
            "  created_at, established_at, version)"
            " VALUES ('00000000000000000000000000000001', 'x', 'x', 'king', false, true, true,"
            "  '2026-01-05', '2026-01-05', 1)"
        )
    engine.dispose()


@pytest.mark.postgres
def test_a_server_gives_every_test_its_own_database(postgres: PostgresServer) -> None:
    first, second = postgres.create_database(), postgres.create_database()
    assert first != second
    postgres.drop_database(first)
    postgres.drop_database(second)


def _of(engine: Engine) -> Catalogue:
    with engine.connect() as connection:
        return catalogue(connection)
