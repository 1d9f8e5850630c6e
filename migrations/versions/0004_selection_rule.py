"""Which adult of a household is asked: a rule of the wave."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

RULES = "selection IN ('next_birthday', 'kish')"


def upgrade() -> None:
    with op.batch_alter_table("waves") as batch:
        batch.add_column(
            sa.Column("selection", sa.String(16), nullable=False, server_default="next_birthday")
        )
        batch.create_check_constraint("selection", RULES)


def downgrade() -> None:
    with op.batch_alter_table("waves") as batch:
        batch.drop_constraint("selection", type_="check")
        batch.drop_column("selection")
