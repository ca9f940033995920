"""Which version of a model is champion: a row for each decision, never changed or removed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

SQLITE = tuple(
    f"CREATE TRIGGER champions_no_{what.lower()} BEFORE {what} ON champions "
    "BEGIN SELECT RAISE(ABORT, 'decisions on champions are append-only'); END"
    for what in ("UPDATE", "DELETE")
)
POSTGRESQL = (
    "CREATE FUNCTION champions_refuse() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION 'decisions on champions are append-only'; END $$",
    "CREATE TRIGGER champions_no_change BEFORE UPDATE OR DELETE ON champions "
    "FOR EACH ROW EXECUTE FUNCTION champions_refuse()",
    "CREATE TRIGGER champions_no_truncate BEFORE TRUNCATE ON champions "
    "FOR EACH STATEMENT EXECUTE FUNCTION champions_refuse()",
)


def upgrade() -> None:
    op.create_table(
        "champions",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("model", sa.String(64), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("since", sa.String(32), nullable=False),
        sa.Column("person", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("previous", sa.Integer),
        sqlite_autoincrement=True,
    )
    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL:
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("champions")
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION champions_refuse()")
