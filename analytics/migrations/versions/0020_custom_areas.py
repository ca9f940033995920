"""Custom areas: shapes that people drew or loaded, which selections name."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "custom_areas",
        sa.Column("id", sa.String(10), primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("shape", sa.LargeBinary, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("person", sa.Text, nullable=False),
        sa.Column("roles", sa.Text, nullable=False),
        sa.Column("created", sa.String(32), nullable=False),
        sa.Column("ended", sa.String(32), nullable=False),
    )
    op.create_index("custom_areas_by_person", "custom_areas", ["person"])


def downgrade() -> None:
    op.drop_index("custom_areas_by_person", "custom_areas")
    op.drop_table("custom_areas")
