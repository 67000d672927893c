"""One goes back to the version before, and it works with the database that the newer one has upgraded."""

import shutil
from pathlib import Path

import pytest
from sqlalchemy import create_engine, inspect, text

from supervision import store
from supervision.database import Database
from supervision.offices.description import parse_description
from supervision.offices.service import load_office, only_office

NEXT = '''
"""What a later version adds."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table("later", sa.Column("id", sa.Integer(), primary_key=True))
    op.add_column("offices", sa.Column("later", sa.Text(), nullable=False, server_default="none"))
    op.create_index("ix_offices_later", "offices", ["later"])
'''
OFFICE = """
office: {code: "3101", name: 税务所}
lines:
  - {key: one, number: "62310001", name: 一号线, gateway: {account: fxo1}, desks: ["801"], leader: "900",
     announcement: false}
desks: [{extension: "801", name: 一号台}, {extension: "900", name: 带班领导}]
"""


@pytest.fixture
def upgraded_url(store_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A database that a later version has brought up to its own revision."""
    later = tmp_path / "migrations"
    shutil.copytree(store.MIGRATIONS, later)
    with monkeypatch.context() as patch:
        patch.setattr(store, "MIGRATIONS", later)
        (later / "versions/0002_later.py").write_text(NEXT, "utf-8")
        assert store.upgrade(store_url) == "0002"
    return store_url


def test_the_version_before_finds_no_fault_in_it_and_leaves_it_as_it_is(upgraded_url: str) -> None:
    assert store.check(upgraded_url, deep=True) == []
    assert store.upgrade(upgraded_url) == "0002"
    engine = create_engine(upgraded_url)
    assert "later" in inspect(engine).get_table_names()
    engine.dispose()


def test_the_version_before_writes_into_it_and_reads_from_it(upgraded_url: str) -> None:
    database = Database(upgraded_url)
    with database.transaction() as session:
        load_office(session, parse_description(OFFICE))
    with database.reading() as session:
        assert only_office(session) == "3101"
        assert session.scalar(text("SELECT later FROM offices")) == "none"
    database.close()
