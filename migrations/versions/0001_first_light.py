"""First light: areas, people, questionnaires, waves, the frame, answers, results."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None

MOMENT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(JSONB(), "postgresql")
TABLES = (
    "areas",
    "audit_entries",
    "users",
    "failed_attempts",
    "questionnaires",
    "waves",
    "addresses",
    "sampled_units",
    "drafts",
    "responses",
    "held_responses",
    "snapshots",
    "weight_sets",
    "estimates",
)


def upgrade() -> None:
    _places_and_people()
    _waves()
    _frame()
    _answers()
    _results()


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)


def _places_and_people() -> None:
    op.create_table(
        "areas",
        _id(),
        sa.Column("code", sa.String(32), nullable=False, unique=True),
        _reference("parent_id", "areas.id", nullable=True, index=True),
        sa.Column("level", sa.String(16), nullable=False),
        sa.Column("name_zh", sa.String(80), nullable=False),
        sa.Column("name_en", sa.String(80), nullable=False),
    )
    op.create_table(
        "audit_entries",
        _id(),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("actor", sa.String(64), nullable=False),
        sa.Column("action", sa.String(48), nullable=False),
        sa.Column("subject", sa.String(120), nullable=False),
        sa.Column("detail", JSON, nullable=False),
    )
    op.create_table(
        "users",
        _id(),
        sa.Column("name", sa.String(64), nullable=False, unique=True),
        sa.Column("role", sa.String(16), nullable=False),
        _reference("area_id", "areas.id", nullable=True),
        sa.Column("password_hash", sa.String(160), nullable=False),
        sa.Column("epoch", sa.Integer, nullable=False),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("last_login_at", MOMENT),
        sa.CheckConstraint("role IN ('admin', 'staff', 'volunteer')", name="role"),
    )
    op.create_table(
        "failed_attempts",
        _id(),
        sa.Column("subject", sa.String(64), nullable=False, index=True),
        sa.Column("at", MOMENT, nullable=False, index=True),
    )


def _waves() -> None:
    op.create_table(
        "questionnaires",
        _id(),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("version", sa.String(32), nullable=False),
        sa.Column("definition", JSON, nullable=False),
        sa.Column("workbook", sa.LargeBinary, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("published_at", MOMENT, nullable=False),
        sa.UniqueConstraint("name", "version"),
    )
    op.create_table(
        "waves",
        _id(),
        sa.Column("code", sa.String(32), nullable=False, unique=True),
        sa.Column("title_zh", sa.String(120), nullable=False),
        sa.Column("title_en", sa.String(120), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("month", sa.String(7), nullable=False),
        _reference("area_id", "areas.id"),
        _reference("questionnaire_id", "questionnaires.id"),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("sponsor", sa.String(120), nullable=False),
        sa.Column("approval_number", sa.String(80), nullable=False),
        sa.Column("valid_until", sa.Date),
        sa.Column("targets", JSON, nullable=False),
        sa.Column("seed", sa.Integer, nullable=False),
        sa.Column("synthetic", sa.Boolean, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("opened_at", MOMENT),
        sa.Column("closed_at", MOMENT),
        sa.Column("locked_at", MOMENT),
        sa.CheckConstraint("state IN ('draft', 'open', 'closed', 'locked')", name="state"),
        sa.CheckConstraint("kind IN ('measurement', 'campaign')", name="kind"),
    )


def _frame() -> None:
    op.create_table(
        "addresses",
        _id(),
        _reference("community_id", "areas.id"),
        sa.Column("grid", sa.String(32), nullable=False),
        sa.Column("housing", sa.String(16), nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("lookup", sa.String(64), nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("household", sa.String(32), nullable=False, unique=True),
        sa.UniqueConstraint("community_id", "lookup"),
        sa.Index(None, "community_id", "housing", "position"),
    )
    op.create_table(
        "sampled_units",
        _id(),
        _reference("wave_id", "waves.id"),
        _reference("address_id", "addresses.id"),
        _reference("community_id", "areas.id"),
        sa.Column("housing", sa.String(16), nullable=False),
        sa.Column("probability", sa.Double, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("code_issue", sa.Integer, nullable=False),
        sa.Column("code_hash", sa.String(64), nullable=False, unique=True),
        sa.Column("drawn_at", MOMENT, nullable=False),
        sa.UniqueConstraint("wave_id", "address_id"),
        sa.Index(None, "wave_id", "community_id"),
    )


def _answers() -> None:
    op.create_table(
        "drafts",
        sa.Column("token_hash", sa.String(64), primary_key=True),
        _reference("wave_id", "waves.id", index=True),
        _reference("community_id", "areas.id"),
        _reference("unit_id", "sampled_units.id", nullable=True, index=True),
        sa.Column("stream", sa.String(8), nullable=False),
        sa.Column("mode", sa.String(8), nullable=False),
        sa.Column("instance_id", sa.String(41), nullable=False, unique=True),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("elder", sa.Boolean, nullable=False),
        sa.Column("seed", sa.Integer, nullable=False),
        sa.Column("answers", JSON, nullable=False),
        sa.Column("revisions", JSON, nullable=False),
        sa.Column("shown", JSON, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("saved_at", MOMENT, nullable=False),
        sa.Column("submitted_at", MOMENT),
        sa.Column("outcome", sa.String(16)),
    )
    one_per_unit = sa.text("eligible AND unit_id IS NOT NULL")
    op.create_table(
        "responses",
        _id(),
        _reference("wave_id", "waves.id"),
        sa.Column("instance_id", sa.String(41), nullable=False),
        _reference("questionnaire_id", "questionnaires.id"),
        _reference("community_id", "areas.id"),
        _reference("unit_id", "sampled_units.id", nullable=True),
        sa.Column("stream", sa.String(8), nullable=False),
        sa.Column("mode", sa.String(8), nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("eligible", sa.Boolean, nullable=False),
        sa.Column("answers", JSON, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("seed", sa.Integer, nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("submitted_at", MOMENT, nullable=False),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.UniqueConstraint("wave_id", "instance_id"),
        sa.CheckConstraint("stream IN ('sample', 'open')", name="stream"),
        sa.Index(
            "uq_responses_unit",
            "unit_id",
            unique=True,
            sqlite_where=one_per_unit,
            postgresql_where=one_per_unit,
        ),
        sa.Index(None, "wave_id", "community_id", "stream"),
    )
    op.create_table(
        "held_responses",
        _id(),
        _reference("wave_id", "waves.id"),
        sa.Column("instance_id", sa.String(41), nullable=False),
        sa.Column("reason", sa.String(16), nullable=False),
        sa.Column("submission", JSON, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.UniqueConstraint("wave_id", "instance_id", "sha256"),
    )


def _results() -> None:
    op.create_table(
        "snapshots",
        _id(),
        _reference("wave_id", "waves.id", unique=True),
        sa.Column("path", sa.String(200), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("manifest", JSON, nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
    )
    op.create_table(
        "weight_sets",
        _id(),
        _reference("wave_id", "waves.id"),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("path", sa.String(200), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("settings", JSON, nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.UniqueConstraint("wave_id", "number"),
    )
    op.create_table(
        "estimates",
        _id(),
        _reference("wave_id", "waves.id"),
        _reference("weight_set_id", "weight_sets.id"),
        _reference("area_id", "areas.id"),
        sa.Column("stream", sa.String(8), nullable=False),
        sa.Column("indicator", sa.String(48), nullable=False),
        sa.Column("definition_version", sa.String(32), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("estimate", sa.Double),
        sa.Column("unweighted", sa.Double),
        sa.Column("se", sa.Double),
        sa.Column("lower", sa.Double),
        sa.Column("upper", sa.Double),
        sa.Column("df", sa.Double),
        sa.Column("n", sa.Integer, nullable=False),
        sa.Column("n_weighted", sa.Double),
        sa.Column("n_effective", sa.Double),
        sa.Column("deff", sa.Double),
        sa.Column("missing", sa.Integer, nullable=False),
        sa.Column("target", sa.Double),
        sa.Column("verdict", sa.String(12)),
        sa.Column("modes", JSON, nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.UniqueConstraint("weight_set_id", "area_id", "stream", "indicator"),
        sa.Index(None, "wave_id", "indicator"),
    )


def _id() -> sa.Column[int]:
    return sa.Column("id", sa.Integer, primary_key=True)


def _reference(
    name: str, to: str, *, nullable: bool = False, index: bool = False, unique: bool = False
) -> sa.Column[int]:
    return sa.Column(
        name, sa.Integer, sa.ForeignKey(to), nullable=nullable, index=index or None, unique=unique
    )
