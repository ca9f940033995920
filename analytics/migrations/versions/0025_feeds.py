"""What was read of feeds, and files taken from the drop folder."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "feeds",
        sa.Column("name", sa.String(160), primary_key=True),
        sa.Column("watermark", sa.Text, nullable=False),
        sa.Column("batch", sa.Text, nullable=False),
        sa.Column("read", sa.String(64), nullable=False),
        sa.Column("ran", sa.Float(53)),
        sa.Column("succeeded", sa.Float(53)),
        sa.Column("message", sa.Text, nullable=False),
    )
    op.create_table(
        "dropped_files",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.Text, nullable=False, unique=True),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("changed", sa.BigInteger, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("seen", sa.Float(53), nullable=False),
        sa.Column("message", sa.Text, nullable=False),
        sa.Index("dropped_files_by_content", "sha256"),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    op.drop_table("dropped_files")
    op.drop_table("feeds")
