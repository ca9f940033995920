"""Watch lists, alerts, what people do about them, and checks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _lists_and_alerts()
    _events_and_checks()


def _lists_and_alerts() -> None:
    op.create_table(
        "watch_lists",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("shared", sa.Boolean, nullable=False),
        sa.Column("bundled", sa.String(32), unique=True),
        sa.Column("rule", sa.String(32), nullable=False),
        sa.Column("parameters", sa.Text, nullable=False),
        sa.Column("selection", sa.Text, nullable=False),
        sa.Column("created", sa.String(32), nullable=False),
        sa.Column("expires", sa.String(10)),
        sa.Column("muted_until", sa.String(10)),
        sa.Column("ended", sa.String(32)),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "alerts",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("watch_list", sa.Integer, sa.ForeignKey("watch_lists.id"), nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("occurrence", sa.Integer, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("created", sa.String(32), nullable=False),
        sa.Column("updated", sa.String(32), nullable=False),
        sa.Column("snapshot", sa.String(64), nullable=False),
        sa.Column("first", sa.String(10), nullable=False),
        sa.Column("last", sa.String(10), nullable=False),
        sa.Column("count", sa.Integer, nullable=False),
        sa.Column("expected", sa.Float(53)),
        sa.Column("low", sa.Integer),
        sa.Column("high", sa.Integer),
        sa.Column("p", sa.Float(53)),
        sa.Column("q", sa.Float(53)),
        sa.Column("tier", sa.String(16), nullable=False),
        sa.Column("rank", sa.Float(53), nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("selection", sa.Text, nullable=False),
        sa.Column("evidence", sa.Text, nullable=False),
        sa.Column("digest", sa.String(10)),
        sa.UniqueConstraint("watch_list", "key", "occurrence"),
        sqlite_autoincrement=True,
    )
    op.create_index("alerts_by_state", "alerts", ["state"])


def _events_and_checks() -> None:
    op.create_table(
        "alert_events",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("alert", sa.Integer, sa.ForeignKey("alerts.id"), nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("person", sa.Text, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "alert_checks",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("snapshot", sa.String(64), nullable=False),
        sa.Column("last_day", sa.String(10)),
        sa.Column("lists", sa.Text, nullable=False),
        sa.Column("fired", sa.Integer, nullable=False),
        sa.Column("updated", sa.Integer, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("alert_events_by_alert", "alert_events", ["alert"])


def downgrade() -> None:
    for name in ("alert_checks", "alert_events", "alerts", "watch_lists"):
        op.drop_table(name)
