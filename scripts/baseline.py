"""Make the baseline migration and schema.sql anew from the models: `.venv/bin/python scripts/baseline.py`.

Only until the first release: from then on a change of the models is a migration of its own.
"""

import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from alembic.autogenerate import produce_migrations, render_python_code
from alembic.migration import MigrationContext
from alembic.operations import ops
from sqlalchemy import create_engine

from supervision import store
from supervision.audit import triggers as audit
from supervision.evaluations import triggers as judged
from supervision.migrations.rendering import render_item
from supervision.models import Base

ROOT = Path(__file__).parents[1]
BASELINE = ROOT / "supervision/migrations/versions/0001_baseline.py"
HEADER = '''"""The whole schema, and the first regulation and scorecard. Made by scripts/baseline.py.

Revision 0001, after nothing.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from supervision.migrations.first_norms import insert_first_norms

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None
'''
FOOTER = """
def create_triggers() -> None:
    for statement in TRIGGERS[op.get_context().dialect.name]:
        op.execute(sa.text(statement))


def downgrade() -> None:
    raise NotImplementedError("there is nothing before the first revision but the loss of all records")
"""


def tables() -> list[tuple[str, list[ops.MigrateOperation]]]:
    """Each table with what makes it and its indexes, those first that others refer to."""
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"target_metadata": Base.metadata})
        made = produce_migrations(context, Base.metadata).upgrade_ops
    engine.dispose()
    found: dict[str, list[ops.MigrateOperation]] = {table.name: [] for table in Base.metadata.sorted_tables}
    for operation in made.ops if made else ():
        for one in operation.ops if isinstance(operation, ops.ModifyTableOps) else (operation,):
            found[getattr(one, "table_name", "")].append(one)
    return list(found.items())


def rendered(operations: Iterable[ops.MigrateOperation]) -> str:
    """The operations as Python statements."""
    code = render_python_code(ops.UpgradeOps(ops=list(operations)), render_item=render_item)
    return re.sub(r"^ *# .*$", "", code, flags=re.MULTILINE).strip()


def trigger_statements() -> dict[str, list[str]]:
    """The statements that make the triggers, by dialect."""
    by_dialect = {
        "sqlite": (audit.IN_SQLITE, judged.SQLITE),
        "postgresql": (audit.IN_POSTGRESQL, judged.POSTGRESQL),
    }
    return {
        dialect: [one for tables in kinds for statements in tables.values() for one in statements]
        for dialect, kinds in by_dialect.items()
    }


def write_baseline() -> None:
    """Write the migration and have ruff lay it out."""
    functions = [f"create_{name}" for name, _ in tables()]
    calls = "\n".join(f"    {one}()" for one in [*functions, "create_triggers", "insert_first_norms"])
    parts = [HEADER, f"TRIGGERS = {trigger_statements()!r}\n", f"def upgrade() -> None:\n{calls}\n"]
    for name, operations in tables():
        parts.append(f"def create_{name}() -> None:\n    {rendered(operations)}\n")
    BASELINE.write_text("\n\n".join([*parts, FOOTER.lstrip()]), "utf-8")
    ruff = [sys.executable, "-m", "ruff"]
    for arguments in (["check", "--fix", "-q", "--select", "I,F401"], ["format", "-q"]):
        subprocess.run([*ruff, *arguments, str(BASELINE)], cwd=ROOT, check=True)  # noqa: S603 - our own words


if __name__ == "__main__":
    write_baseline()
    (ROOT / "schema.sql").write_text(store.schema(), "utf-8")
