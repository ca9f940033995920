"""Candidate series with their history, runs that propose them, and solved cases."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "series",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("members", sa.Text, nullable=False),
        sa.Column("additions", sa.Text, nullable=False),
        sa.Column("known", sa.Text, nullable=False),
        sa.Column("strength", sa.Float(53)),
        sa.Column("false_share", sa.Float(53)),
        sa.Column("created", sa.String(32), nullable=False),
        sa.Column("updated", sa.String(32), nullable=False),
        sa.Column("merged_into", sa.Integer),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "series_events",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("series", sa.Integer, sa.ForeignKey("series.id"), nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("person", sa.Text, nullable=False),
        sa.Column("act", sa.String(16), nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("incidents", sa.Text, nullable=False),
        sa.Column("other", sa.Integer),
        sqlite_autoincrement=True,
    )
    op.create_index("series_events_by_series", "series_events", ["series"])
    op.create_table(
        "series_runs",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("snapshot", sa.String(64), nullable=False),
        sa.Column("result", sa.Text, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "solved_cases",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("incident", sa.Text, nullable=False),
        sa.Column("offender", sa.Text, nullable=False),
        sa.Column("file", sa.Text, nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    for name in ("solved_cases", "series_runs", "series_events", "series"):
        op.drop_table(name)
