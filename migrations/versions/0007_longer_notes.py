"""Pencil notes may be as long as an answer."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    _lengthen(500, 5000)


def downgrade() -> None:
    op.execute("UPDATE notes SET text = substr(text, 1, 500)")
    _lengthen(5000, 500)


def _lengthen(before: int, after: int) -> None:
    with op.batch_alter_table("notes") as batch:
        batch.alter_column(
            "text",
            existing_type=sa.String(before),
            type_=sa.String(after),
            existing_nullable=False,
        )
