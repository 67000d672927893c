"""Migrations only add, so that the version before works with the database of the next, and one can go back.

What a version no longer needs stays where it is. A column that is added has a default or may be empty, since the
version before does not fill it; nothing is renamed, dropped, or narrowed.
"""

import ast
import re
from pathlib import Path

import pytest

from tests.architecture.source import ROOT

VERSIONS = sorted((ROOT / "supervision/migrations/versions").glob("[0-9]*.py"))
ADDS = {"create_table", "add_column", "create_index", "batch_alter_table", "f", "bulk_insert", "get_bind"}
# A migration that must do something else: its name, and why the version before can bear it.
OTHERWISE: dict[str, str] = {}


def faults(source: str) -> list[str]:
    """What a migration does besides adding."""
    found = []
    upgrade = next(
        node
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef) and node.name == "upgrade"
    )
    new_tables = {
        str(call.args[0].value)
        for call in _calls(upgrade)
        if _name(call) == "create_table" and isinstance(call.args[0], ast.Constant)
    }
    for call in _calls(upgrade):
        name = _name(call)
        if name is None:
            continue
        if name not in ADDS:
            found.append(f"line {call.lineno}: {name}")
        elif name == "add_column" and not _may_be_left_out(call):
            found.append(f"line {call.lineno}: a column that must be filled, and has no server_default")
        elif name == "create_index" and _is_true(call, "unique") and not _on_one_of(call, new_tables):
            found.append(f"line {call.lineno}: a table that there is must be unique in something new")
    return found


def _calls(tree: ast.AST) -> list[ast.Call]:
    return [node for node in ast.walk(tree) if isinstance(node, ast.Call)]


def _name(call: ast.Call) -> str | None:
    """The operation of Alembic's that is called: of `op`, or of a batch."""
    if isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Name):
        return call.func.attr if call.func.value.id in {"op", "batch_op"} else None
    return None


def _is_true(call: ast.Call, keyword: str) -> bool:
    return any(one.arg == keyword and getattr(one.value, "value", False) is True for one in call.keywords)


def _on_one_of(call: ast.Call, tables: set[str]) -> bool:
    return any(isinstance(one, ast.Constant) and one.value in tables for one in call.args[1:2])


def _may_be_left_out(call: ast.Call) -> bool:
    column = next(
        (one for one in call.args if isinstance(one, ast.Call) and getattr(one.func, "attr", "") == "Column"), None
    )
    if column is None:
        return False
    named = {one.arg: one.value for one in column.keywords}
    nullable = getattr(named.get("nullable"), "value", True)
    return "server_default" in named or nullable is True


def test_migrations_are_numbered_in_a_row() -> None:
    for n, path in enumerate(VERSIONS, 1):
        text = path.read_text("utf-8")
        assert path.name.startswith(f"{n:04d}_")
        assert re.search(rf'^revision = "{n:04d}"$', text, re.MULTILINE), path.name
        before = f'"{n - 1:04d}"' if n > 1 else "None"
        assert re.search(rf"^down_revision = {before}$", text, re.MULTILINE), path.name


@pytest.mark.parametrize(
    "path", VERSIONS[1:] or [pytest.param(VERSIONS[0], id="baseline")], ids=lambda one: one.name
)
def test_a_migration_only_adds(path: Path) -> None:
    if path == VERSIONS[0]:
        return  # it begins with nothing
    assert faults(path.read_text("utf-8")) == [] or path.stem in OTHERWISE


@pytest.mark.parametrize(
    "line",
    [
        'op.create_table("notes", sa.Column("id", sa.Integer(), nullable=False))',
        'op.add_column("calls", sa.Column("note", sa.Text(), nullable=True))',
        'op.add_column("calls", sa.Column("note", sa.Text(), nullable=False, server_default=""))',
        'op.create_index("ix", "calls", ["note"])',
        'op.create_table("notes", sa.Column("id"))\n    op.create_index("ix", "notes", ["id"], unique=True)',
    ],
)
def test_what_adds_is_accepted(line: str) -> None:
    assert faults(f"def upgrade():\n    {line}\n") == []


@pytest.mark.parametrize(
    "line",
    [
        'op.drop_column("calls", "note")',
        'op.drop_table("notes")',
        'op.rename_table("notes", "remarks")',
        'op.alter_column("calls", "note", nullable=False)',
        'op.execute("DELETE FROM calls")',
        'op.add_column("calls", sa.Column("note", sa.Text(), nullable=False))',
        'op.create_index("ix", "calls", ["note"], unique=True)',
        'op.create_unique_constraint("uq", "calls", ["note"])',
        'with op.batch_alter_table("calls") as batch_op:\n        batch_op.drop_column("note")',
    ],
)
def test_what_the_version_before_would_not_bear_is_found(line: str) -> None:
    assert faults(f"def upgrade():\n    {line}\n") != []
