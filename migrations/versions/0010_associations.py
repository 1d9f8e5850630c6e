"""Associations: tests of tables and models of low satisfaction, kept once somebody has asked."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0010"
down_revision = "0009"

JSON = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "associations",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("weight_set_id", sa.Integer, sa.ForeignKey("weight_sets.id"), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("subject", sa.String(64), nullable=False),
        sa.Column("crossed_by", sa.String(64), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("content", JSON, nullable=False),
        sa.UniqueConstraint("weight_set_id", "kind", "subject", "crossed_by"),
    )


def downgrade() -> None:
    op.drop_table("associations")
