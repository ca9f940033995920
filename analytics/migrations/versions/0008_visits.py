"""Visits of officers to places, and rows of their files that were refused: never changed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

TABLES = ("visits", "refused_visits")


def upgrade() -> None:
    op.create_table(
        "visits",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("plan", sa.Integer, sa.ForeignKey("plans.id")),
        sa.Column("version", sa.Integer),
        sa.Column("unit", sa.Text, nullable=False),
        sa.Column("place", sa.Text, nullable=False),
        sa.Column("lat", sa.Float(53), nullable=False),
        sa.Column("lon", sa.Float(53), nullable=False),
        sa.Column("started", sa.String(32), nullable=False),
        sa.Column("ended", sa.String(32), nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("person", sa.Text, nullable=False),
        sa.Column("source", sa.String(16), nullable=False),
        sa.Column("recorded", sa.String(32), nullable=False),
    )
    op.create_index("visits_by_start", "visits", ["started"])
    op.create_index("visits_by_plan", "visits", ["plan"])
    op.create_table(
        "refused_visits",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("file", sa.Text, nullable=False),
        sa.Column("line", sa.Integer, nullable=False),
        sa.Column("column", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("row", sa.Text, nullable=False),
        sa.Column("recorded", sa.String(32), nullable=False),
        sqlite_autoincrement=True,
    )
    for statement in _sqlite() if op.get_bind().dialect.name == "sqlite" else _postgresql():
        op.execute(statement)


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION visits_refuse()")


def _sqlite() -> list[str]:
    return [
        f"CREATE TRIGGER {table}_no_{what.lower()} BEFORE {what} ON {table} "
        "BEGIN SELECT RAISE(ABORT, 'visits are append-only'); END"
        for table in TABLES
        for what in ("UPDATE", "DELETE")
    ]


def _postgresql() -> list[str]:
    refuse = (
        "CREATE FUNCTION visits_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'visits are append-only'; END $$"
    )
    rows = [
        f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION visits_refuse()"
        for table in TABLES
    ]
    whole = [
        f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION visits_refuse()"
        for table in TABLES
    ]
    return [refuse, *rows, *whole]
