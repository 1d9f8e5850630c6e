"""Sample and weights: margins, the record of a draw, attempts, campaigns, exclusions."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0002"
down_revision = "0001"

MOMENT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(JSONB(), "postgresql")
TABLES = ("margins", "draws", "attempts", "campaign_visits", "exclusions")
NEW_COLUMNS = {
    "sampled_units": ("batch", "released_at", "grid", "households", "revoked_at"),
    "waves": (
        "fieldwork_from",
        "fieldwork_until",
        "embargo_days",
        "response_floor",
        "weighting",
    ),
    "responses": ("interviewer",),
    "estimates": (
        "reason",
        "basis",
        "response_rate",
        "with_excluded",
        "difference",
        "difference_lower",
        "difference_upper",
        "disagrees",
    ),
}


def upgrade() -> None:
    _columns()
    _tables()


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
    for table, names in NEW_COLUMNS.items():
        with op.batch_alter_table(table) as batch:
            for name in names:
                batch.drop_column(name)


def _columns() -> None:
    whole, text = sa.Integer, sa.String(32)
    op.add_column("sampled_units", sa.Column("batch", whole, nullable=False, server_default="1"))
    op.add_column("sampled_units", sa.Column("released_at", MOMENT))
    op.add_column("sampled_units", sa.Column("grid", text, nullable=False, server_default=""))
    op.add_column("sampled_units", sa.Column("households", whole))
    op.add_column("sampled_units", sa.Column("revoked_at", MOMENT))
    op.execute("UPDATE sampled_units SET released_at = drawn_at")
    op.add_column("waves", sa.Column("fieldwork_from", sa.Date))
    op.add_column("waves", sa.Column("fieldwork_until", sa.Date))
    op.add_column("waves", sa.Column("embargo_days", whole, nullable=False, server_default="14"))
    op.add_column("waves", sa.Column("response_floor", sa.Double))
    op.add_column("waves", sa.Column("weighting", JSON, nullable=False, server_default="{}"))
    op.add_column("responses", sa.Column("interviewer", text))
    op.add_column("estimates", sa.Column("reason", sa.String(16)))
    op.add_column("estimates", sa.Column("basis", sa.String(12)))
    for name in ("response_rate", "with_excluded"):
        op.add_column("estimates", sa.Column(name, sa.Double))
    for name in ("difference", "difference_lower", "difference_upper"):
        op.add_column("estimates", sa.Column(name, sa.Double))
    op.add_column("estimates", sa.Column("disagrees", sa.Boolean))


def _tables() -> None:
    op.create_table(
        "margins",
        _id(),
        _reference("area_id", "areas.id"),
        sa.Column("sex", sa.String(8), nullable=False),
        sa.Column("age", sa.String(8), nullable=False),
        sa.Column("housing", sa.String(16), nullable=False),
        sa.Column("adults", sa.Integer, nullable=False),
        sa.Column("source", sa.String(200), nullable=False),
        sa.Column("as_of", sa.Date),
        sa.UniqueConstraint("area_id", "sex", "age", "housing"),
    )
    op.create_table(
        "draws",
        _id(),
        _reference("wave_id", "waves.id", unique=True),
        sa.Column("method", sa.String(16), nullable=False),
        sa.Column("seed", sa.Integer, nullable=False),
        sa.Column("settings", JSON, nullable=False),
        sa.Column("frame_sha256", sa.String(64), nullable=False),
        sa.Column("actor", sa.String(64), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
    )
    op.create_table(
        "attempts",
        _id(),
        _reference("unit_id", "sampled_units.id", index=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("outcome", sa.String(24), nullable=False),
        sa.Column("actor", sa.String(64), nullable=False),
        sa.Column("partner", sa.String(64), nullable=False),
        sa.Column("return_at", MOMENT),
        sa.Column("recorded_at", MOMENT, nullable=False),
    )
    op.create_table(
        "campaign_visits",
        _id(),
        _reference("area_id", "areas.id", index=True),
        sa.Column("grid", sa.String(32), nullable=False),
        sa.Column("title", sa.String(120), nullable=False),
        sa.Column("starts", sa.Date, nullable=False),
        sa.Column("ends", sa.Date, nullable=False),
        sa.Column("reach", sa.Integer),
        sa.Column("actor", sa.String(64), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
    )
    op.create_table(
        "exclusions",
        _id(),
        _reference("response_id", "responses.id", unique=True),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.Column("actor", sa.String(64), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
    )


def _id() -> sa.Column[int]:
    return sa.Column("id", sa.Integer, primary_key=True)


def _reference(name: str, to: str, *, index: bool = False, unique: bool = False) -> sa.Column[int]:
    return sa.Column(
        name, sa.Integer, sa.ForeignKey(to), nullable=False, index=index or None, unique=unique
    )
