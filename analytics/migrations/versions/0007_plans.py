"""Plans of patrol and their versions: rows are added, never changed or removed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

TABLES = ("plans", "plan_versions")


def upgrade() -> None:
    op.create_table(
        "plans",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("created", sa.String(32), nullable=False),
        sa.Column("person", sa.Text, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "plan_versions",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("plan", sa.Integer, sa.ForeignKey("plans.id"), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("person", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("shift", sa.Text, nullable=False),
        sa.Column("units", sa.Integer, nullable=False),
        sa.Column("seed", sa.BigInteger, nullable=False),
        sa.Column("target", sa.String(64), nullable=False),
        sa.Column("model", sa.String(128), nullable=False),
        sa.Column("snapshot", sa.String(64), nullable=False),
        sa.Column("captured", sa.Float(53), nullable=False),
        sa.Column("bound", sa.Float(53), nullable=False),
        sa.Column("expected", sa.Float(53), nullable=False),
        sa.Column("request", sa.Text, nullable=False),
        sa.Column("edits", sa.Text, nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.UniqueConstraint("plan", "version"),
        sqlite_autoincrement=True,
    )
    op.create_index("plan_versions_by_day", "plan_versions", ["day"])
    for statement in _sqlite() if op.get_bind().dialect.name == "sqlite" else _postgresql():
        op.execute(statement)


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION plans_refuse()")


def _sqlite() -> list[str]:
    return [
        f"CREATE TRIGGER {table}_no_{what.lower()} BEFORE {what} ON {table} "
        "BEGIN SELECT RAISE(ABORT, 'plans are append-only'); END"
        for table in TABLES
        for what in ("UPDATE", "DELETE")
    ]


def _postgresql() -> list[str]:
    refuse = (
        "CREATE FUNCTION plans_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'plans are append-only'; END $$"
    )
    rows = [
        f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION plans_refuse()"
        for table in TABLES
    ]
    whole = [
        f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION plans_refuse()"
        for table in TABLES
    ]
    return [refuse, *rows, *whole]
