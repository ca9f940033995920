"""What analysts changed in the list of zones: rows are added, never changed or removed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

SQLITE = tuple(
    f"CREATE TRIGGER zone_edits_no_{what.lower()} BEFORE {what} ON zone_edits "
    "BEGIN SELECT RAISE(ABORT, 'edits of zones are append-only'); END"
    for what in ("UPDATE", "DELETE")
)
POSTGRESQL = (
    "CREATE FUNCTION zone_edits_refuse() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION 'edits of zones are append-only'; END $$",
    "CREATE TRIGGER zone_edits_no_change BEFORE UPDATE OR DELETE ON zone_edits "
    "FOR EACH ROW EXECUTE FUNCTION zone_edits_refuse()",
    "CREATE TRIGGER zone_edits_no_truncate BEFORE TRUNCATE ON zone_edits "
    "FOR EACH STATEMENT EXECUTE FUNCTION zone_edits_refuse()",
)


def upgrade() -> None:
    op.create_table(
        "zone_edits",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("model", sa.String(64), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("zone", sa.String(64), nullable=False),
        sa.Column("action", sa.String(16), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("polygon", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("person", sa.Text, nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("undoes", sa.Integer),
        sqlite_autoincrement=True,
    )
    op.create_index("zone_edits_by_model", "zone_edits", ["model", "id"])
    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL:
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("zone_edits")
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION zone_edits_refuse()")
