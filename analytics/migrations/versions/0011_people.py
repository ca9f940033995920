"""People, the scopes of their roles, failed sign-ins and sessions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "people",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("folded", sa.Text, nullable=False, unique=True),
        sa.Column("roles", sa.Text, nullable=False),
        sa.Column("selection", sa.Text, nullable=False),
        sa.Column("precision", sa.Text, nullable=False),
        sa.Column("password", sa.Text, nullable=False),
        sa.Column("must_change", sa.Boolean, nullable=False),
        sa.Column("code_secret", sa.Text, nullable=False),
        sa.Column("code_step", sa.BigInteger, nullable=False),
        sa.Column("disabled", sa.Boolean, nullable=False),
        sa.Column("created", sa.Float(53), nullable=False),
        sa.Column("signed_in", sa.Float(53)),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "role_scopes",
        sa.Column("role", sa.String(16), primary_key=True),
        sa.Column("selection", sa.Text, nullable=False),
        sa.Column("precision", sa.Text, nullable=False),
    )
    op.create_table(
        "sign_in_failures",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("folded", sa.Text, nullable=False),
        sa.Column("at", sa.Float(53), nullable=False),
    )
    op.create_index("failures_by_name", "sign_in_failures", ["folded", "at"])
    op.create_table(
        "sessions",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("person", sa.Integer, sa.ForeignKey("people.id"), nullable=False),
        sa.Column("started", sa.Float(53), nullable=False),
        sa.Column("used", sa.Float(53), nullable=False),
        sa.Column("locked", sa.Boolean, nullable=False),
        sa.Column("ended", sa.Float(53)),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("browser", sa.Text, nullable=False),
        sa.Column("method", sa.String(32), nullable=False),
    )
    op.create_index("sessions_by_person", "sessions", ["person", "ended"])


def downgrade() -> None:
    for table in ("sessions", "sign_in_failures", "role_scopes", "people"):
        op.drop_table(table)
