"""Jobs that somebody stopped are `canceled`, as everything else is spelled."""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("UPDATE jobs SET status = 'canceled' WHERE status = 'cancelled'")


def downgrade() -> None:
    op.execute("UPDATE jobs SET status = 'cancelled' WHERE status = 'canceled'")
