"""When a stored selection was last used, so that old ones can be removed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("selections", sa.Column("used", sa.DateTime(timezone=True)))
    op.execute("UPDATE selections SET used = CURRENT_TIMESTAMP")
    op.create_index("selections_by_use", "selections", ["used"])


def downgrade() -> None:
    op.drop_index("selections_by_use", "selections")
    op.drop_column("selections", "used")
