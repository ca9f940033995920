"""Briefings with their versions, and what was delivered of scheduled ones."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "briefing_documents",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("person", sa.Text, nullable=False),
        sa.Column("scope", sa.String(16), nullable=False),
        sa.Column("shared", sa.Boolean, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "briefing_versions",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("briefing", sa.Integer, sa.ForeignKey("briefing_documents.id"), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("person", sa.Text, nullable=False),
        sa.Column("change", sa.Text, nullable=False),
        sa.Column("snapshot", sa.String(80), nullable=False),
        sa.Column("request", sa.Text, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.UniqueConstraint("briefing", "version"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "briefing_deliveries",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("schedule", sa.Text, nullable=False),
        sa.Column("due", sa.String(17), nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("snapshot", sa.String(80), nullable=False),
        sa.Column("file", sa.Text, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.UniqueConstraint("schedule", "due"),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    op.drop_table("briefing_deliveries")
    op.drop_table("briefing_versions")
    op.drop_table("briefing_documents")
