"""Re-checks, and what staff found out about what is held."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0006"
down_revision = "0005"

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    json = sa.JSON().with_variant(JSONB(), "postgresql")
    op.create_table(
        "rechecks",
        sa.Column("id", sa.Integer, primary_key=True),
        _reference("response_id", "responses.id", nullable=False, unique=True),
        sa.Column("drawn_by", sa.String(64), nullable=False),
        sa.Column("drawn_at", MOMENT, nullable=False),
        _reference("user_id", "users.id", index=True),
        sa.Column("done_by", sa.String(64), nullable=False),
        sa.Column("done_at", MOMENT),
        sa.Column("result", sa.String(16), nullable=False),
        sa.Column("took_place", sa.String(8), nullable=False),
        sa.Column("right_person", sa.String(8), nullable=False),
        sa.Column("answers", json, nullable=False),
    )
    op.create_table(
        "held_findings",
        sa.Column("id", sa.Integer, primary_key=True),
        _reference("upload_id", "uploads.id", index=True),
        _reference("held_response_id", "held_responses.id", index=True),
        sa.Column("text", sa.String(200), nullable=False),
        sa.Column("actor", sa.String(64), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("held_findings")
    op.drop_table("rechecks")


def _reference(
    name: str, to: str, *, nullable: bool = True, index: bool = False, unique: bool = False
) -> sa.Column[int]:
    return sa.Column(
        name, sa.Integer, sa.ForeignKey(to), nullable=nullable, index=index or None, unique=unique
    )
