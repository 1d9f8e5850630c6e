"""Runs migrations on the connection it is given (see ``migrations.configuration``)."""

from alembic import context
from sqlalchemy import Connection, text

from surveys.tables import metadata

# Hosts that start at the same moment take turns. A migration that waits behind someone's long read
# makes everyone else wait behind it, so it gives up soon instead and can be run again.
POSTGRESQL = (
    "SET LOCAL statement_timeout = '300s'",
    "SET LOCAL lock_timeout = '120s'",
    "SELECT pg_advisory_xact_lock(hashtext('minyi.migrations'))",
    "SET LOCAL lock_timeout = '5s'",
)


def run(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        for statement in POSTGRESQL:
            connection.execute(text(statement))
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()


run(context.config.attributes["connection"])
