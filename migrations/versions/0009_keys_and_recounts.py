"""The sealing key of a wave by name; corrected counts of adults; partners at re-checks.

An assignment has one purpose, an interview: re-checks have a table of their own.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0009"
down_revision = "0008"

JSON = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    with op.batch_alter_table("waves") as batch:
        batch.add_column(sa.Column("sealing_kid", sa.String(16), nullable=False, server_default=""))
    with op.batch_alter_table("interviews") as batch:
        batch.add_column(sa.Column("corrections", JSON, nullable=False, server_default="[]"))
    with op.batch_alter_table("rechecks") as batch:
        batch.add_column(sa.Column("partner", sa.String(64), nullable=False, server_default=""))
    with op.batch_alter_table("assignments") as batch:
        batch.drop_column("purpose")


def downgrade() -> None:
    with op.batch_alter_table("assignments") as batch:
        batch.add_column(
            sa.Column("purpose", sa.String(16), nullable=False, server_default="interview")
        )
    for table, column in (
        ("rechecks", "partner"),
        ("interviews", "corrections"),
        ("waves", "sealing_kid"),
    ):
        with op.batch_alter_table(table) as batch:
            batch.drop_column(column)
