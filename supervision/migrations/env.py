"""How Alembic reaches the database: over the connection that `supervision.store` made, in one transaction."""

from alembic import context
from sqlalchemy import Connection, text

from supervision.migrations.rendering import render_item
from supervision.models import Base
from supervision.settings import Settings
from supervision.store import UPGRADE_LOCK, connection_for_upgrade


def run(connection: Connection) -> None:
    """Bring the database to the revision asked for, all or nothing."""
    with connection.begin():
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": UPGRADE_LOCK})
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            render_as_batch=True,
            transactional_ddl=True,
            render_item=render_item,
        )
        with context.begin_transaction():
            context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:  # called as `alembic …` by a developer
    with connection_for_upgrade(Settings().database()) as own:
        run(own)
