"""Waves together: cells of each, changes, ranks, quarters and years, trends."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0008"
down_revision = "0007"

JSON = sa.JSON().with_variant(JSONB(), "postgresql")
TABLES = ("cells", "comparisons", "rankings", "periods", "trends")


def upgrade() -> None:
    _cells()
    _comparisons()
    _rankings()
    _periods()
    _trends()


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)


def _cells() -> None:
    op.create_table(
        "cells",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column(
            "weight_set_id",
            sa.Integer,
            sa.ForeignKey("weight_sets.id"),
            nullable=False,
            unique=True,
        ),
        _text("path", 200),
        _text("sha256", 64),
        _text("totals_path", 200),
        _text("totals_sha256", 64),
    )


def _comparisons() -> None:
    op.create_table(
        "comparisons",
        *_place(),
        _text("before", 32),
        _text("indicator", 48),
        _text("kind", 8),
        sa.Column("change", sa.Double, nullable=False),
        *_numbers("se", "lower", "upper", "p", "p_holm"),
        sa.Column("significant", sa.Boolean),
        *_numbers("correlation"),
        sa.Column("common", sa.Integer, nullable=False),
        *_numbers(
            *("adjusted", "adjusted_se", "adjusted_lower", "adjusted_upper", "adjusted_p"),
            "mode_effect",
        ),
    )
    op.create_index(None, "comparisons", ["wave_id", "indicator"])
    op.create_index(None, "comparisons", ["area_id", "indicator"])


def _rankings() -> None:
    op.create_table(
        "rankings",
        *_place(),
        _text("period", 8),
        _text("indicator", 48),
        _text("kind", 8),
        *(sa.Column(name, sa.Integer) for name in ("rank", "rank_from", "rank_to")),
        sa.Column("ranked", sa.Integer, nullable=False),
        sa.Column("band", sa.String(8)),
        *_numbers("difference", "difference_lower", "difference_upper"),
        _text("method", 8),
    )
    op.create_index(None, "rankings", ["wave_id", "period", "indicator"])


def _periods() -> None:
    op.create_table(
        "periods",
        *_place(),
        _text("span", 8),
        _text("period", 8),
        _text("indicator", 48),
        _text("definition_version", 32),
        _text("kind", 8),
        sa.Column("estimate", sa.Double, nullable=False),
        *_numbers("se", "lower", "upper", "df"),
        sa.Column("n", sa.Integer, nullable=False),
        *_numbers("n_weighted", "n_effective", "target"),
        sa.Column("verdict", sa.String(12)),
        sa.Column("reason", sa.String(16)),
        sa.Column("waves", JSON, nullable=False),
    )
    op.create_index(None, "periods", ["wave_id", "period", "indicator"])
    op.create_index(None, "periods", ["area_id", "indicator"])


def _trends() -> None:
    op.create_table(
        "trends",
        *_place(),
        _text("indicator", 48),
        _text("definition_version", 32),
        _text("kind", 8),
        *_numbers("drift"),
        sa.Column("points", JSON, nullable=False),
    )
    op.create_index(None, "trends", ["area_id", "indicator"])
    op.create_index(None, "trends", ["wave_id"])


def _place() -> tuple[sa.Column[int], ...]:
    return (
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("wave_id", sa.Integer, sa.ForeignKey("waves.id"), nullable=False),
        sa.Column("area_id", sa.Integer, sa.ForeignKey("areas.id"), nullable=False),
    )


def _text(name: str, length: int) -> sa.Column[str]:
    return sa.Column(name, sa.String(length), nullable=False)


def _numbers(*names: str) -> tuple[sa.Column[float], ...]:
    return tuple(sa.Column(name, sa.Double) for name in names)
