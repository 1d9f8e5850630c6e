"""What screens read: answers by question, rates by group, boundaries, what is public."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0005"
down_revision = "0004"

MOMENT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(JSONB(), "postgresql")
TABLES = ("item_tables", "group_estimates", "boundaries")


def upgrade() -> None:
    op.create_table(
        "item_tables",
        sa.Column("id", sa.Integer, primary_key=True),
        _reference("weight_set_id", "weight_sets.id"),
        sa.Column("question", sa.String(64), nullable=False),
        sa.Column("crossed_by", sa.String(64), nullable=False),
        sa.Column("content", JSON, nullable=False),
        sa.UniqueConstraint("weight_set_id", "question", "crossed_by"),
    )
    op.create_table(
        "group_estimates",
        sa.Column("id", sa.Integer, primary_key=True),
        _reference("weight_set_id", "weight_sets.id"),
        _reference("area_id", "areas.id"),
        sa.Column("indicator", sa.String(48), nullable=False),
        sa.Column("variable", sa.String(16), nullable=False),
        sa.Column("category", sa.String(64), nullable=False),
        *(
            sa.Column(name, sa.Double)
            for name in ("estimate", "unweighted", "se", "lower", "upper", "df")
        ),
        sa.Column("n", sa.Integer, nullable=False),
        sa.Column("n_effective", sa.Double),
        sa.Column("basis", sa.String(12)),
        sa.UniqueConstraint("weight_set_id", "area_id", "indicator", "variable", "category"),
    )
    op.create_table(
        "boundaries",
        sa.Column("id", sa.Integer, primary_key=True),
        _reference("area_id", "areas.id", unique=True),
        sa.Column("rings", JSON, nullable=False),
        sa.Column("actor", sa.String(64), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
    )
    op.add_column("waves", sa.Column("public_at", MOMENT))


def downgrade() -> None:
    with op.batch_alter_table("waves") as batch:
        batch.drop_column("public_at")
    for table in reversed(TABLES):
        op.drop_table(table)


def _reference(name: str, to: str, *, unique: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, sa.ForeignKey(to), nullable=False, unique=unique)
