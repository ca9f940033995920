"""Briefings of plans as people saved them: never changed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "briefings",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("plan", sa.Integer, sa.ForeignKey("plans.id"), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("person", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("draft", sa.Text, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("briefings_by_plan", "briefings", ["plan", "version"])
    for statement in _sqlite() if op.get_bind().dialect.name == "sqlite" else _postgresql():
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("briefings")
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION briefings_refuse()")


def _sqlite() -> list[str]:
    return [
        f"CREATE TRIGGER briefings_no_{what.lower()} BEFORE {what} ON briefings "
        "BEGIN SELECT RAISE(ABORT, 'briefings are append-only'); END"
        for what in ("UPDATE", "DELETE")
    ]


def _postgresql() -> list[str]:
    return [
        "CREATE FUNCTION briefings_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'briefings are append-only'; END $$",
        "CREATE TRIGGER briefings_no_change BEFORE UPDATE OR DELETE ON briefings "
        "FOR EACH ROW EXECUTE FUNCTION briefings_refuse()",
        "CREATE TRIGGER briefings_no_truncate BEFORE TRUNCATE ON briefings "
        "FOR EACH STATEMENT EXECUTE FUNCTION briefings_refuse()",
    ]
