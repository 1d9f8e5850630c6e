"""Door to door: assignments, what phones send, how interviews were made, shifts."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

MOMENT = sa.DateTime(timezone=True)
TABLES = ("assignments", "uploads", "interviews", "notes", "shifts")


def upgrade() -> None:
    op.add_column("users", sa.Column("grid", sa.String(32), nullable=False, server_default=""))
    _assignments()
    _uploads()
    _interviews()
    op.create_table(
        "shifts",
        _id(),
        _reference("user_id", "users.id", index=True),
        sa.Column("partner", sa.String(64), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=False),
        sa.Column("recorded_at", MOMENT, nullable=False),
    )


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
    with op.batch_alter_table("users") as batch:
        batch.drop_column("grid")


def _assignments() -> None:
    standing = sa.text("withdrawn_at IS NULL")
    op.create_table(
        "assignments",
        _id(),
        _reference("unit_id", "sampled_units.id"),
        _reference("user_id", "users.id", index=True),
        sa.Column("partner", sa.String(64), nullable=False),
        sa.Column("purpose", sa.String(16), nullable=False),
        sa.Column("assigned_by", sa.String(64), nullable=False),
        sa.Column("assigned_at", MOMENT, nullable=False),
        sa.Column("withdrawn_at", MOMENT),
        sa.Index(
            "uq_assignments_unit",
            "unit_id",
            unique=True,
            sqlite_where=standing,
            postgresql_where=standing,
        ),
        sa.Index(None, "unit_id", "user_id"),
    )


def _uploads() -> None:
    first = sa.text("reason IS NULL OR reason <> 'conflict'")
    op.create_table(
        "uploads",
        _id(),
        sa.Column("client_id", sa.String(72), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("status", sa.String(8), nullable=False),
        sa.Column("reason", sa.String(16)),
        sa.Column("remarks", sa.String(64), nullable=False),
        _reference("user_id", "users.id", index=True),
        _reference("unit_id", "sampled_units.id", nullable=True, index=True),
        _reference("wave_id", "waves.id", nullable=True, index=True),
        sa.Column("phone_time", MOMENT),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.Column("body", sa.LargeBinary),
        sa.UniqueConstraint("client_id", "sha256"),
        sa.Index(
            "uq_uploads_first",
            "client_id",
            unique=True,
            sqlite_where=first,
            postgresql_where=first,
        ),
    )


def _interviews() -> None:
    op.create_table(
        "interviews",
        _id(),
        _reference("response_id", "responses.id", unique=True),
        _reference("upload_id", "uploads.id", unique=True),
        _reference("user_id", "users.id", index=True),
        sa.Column("partner", sa.String(64), nullable=False),
        sa.Column("is_private", sa.Boolean, nullable=False),
        sa.Column("selection", sa.String(16), nullable=False),
        sa.Column("households", sa.Integer),
        sa.Column("adults", sa.Integer),
        sa.Column("chosen", sa.Integer),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("finished_at", MOMENT, nullable=False),
    )
    op.create_table(
        "notes",
        _id(),
        _reference("response_id", "responses.id", index=True),
        sa.Column("question", sa.String(64), nullable=False),
        sa.Column("text", sa.String(500), nullable=False),
    )


def _id() -> sa.Column[int]:
    return sa.Column("id", sa.Integer, primary_key=True)


def _reference(
    name: str, to: str, *, nullable: bool = False, index: bool = False, unique: bool = False
) -> sa.Column[int]:
    return sa.Column(
        name, sa.Integer, sa.ForeignKey(to), nullable=nullable, index=index or None, unique=unique
    )
