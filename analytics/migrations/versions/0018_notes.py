"""Notes about incidents, places, zones and plans."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "notes",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("person", sa.Text, nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("withdrawn", sa.Text, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("notes_by_subject", "notes", ["kind", "key"])


def downgrade() -> None:
    op.drop_table("notes")
