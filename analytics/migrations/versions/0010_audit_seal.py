"""Outcome, address and key of audit entries; triggers that also stop REPLACE, and allow pruning.

SQLite's REPLACE deletes rows without firing delete triggers (`recursive_triggers` is off unless a
connection turns it on), so the insert itself is checked. An entry can be deleted only after the
entry `audit.pruned` that names it, and only if it is older than a year.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

ADDED = ("outcome", "address", "key")
SQLITE = (
    "DROP TRIGGER audit_no_delete",
    "CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit WHEN NOT ("
    "OLD.happened < strftime('%Y-%m-%dT%H:%M:%S', 'now', '-365 days') AND EXISTS (SELECT 1 FROM "
    "audit WHERE event = 'audit.pruned' AND json_extract(details, '$.through') >= OLD.sequence)) "
    "BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END",
    "CREATE TRIGGER audit_next_only BEFORE INSERT ON audit WHEN "
    "NEW.sequence IS NOT (SELECT coalesce(max(sequence), 0) + 1 FROM audit) "
    "OR EXISTS (SELECT 1 FROM audit WHERE hash = NEW.hash) "
    "OR NEW.previous IS NOT coalesce((SELECT hash FROM audit ORDER BY sequence DESC LIMIT 1), "
    "NEW.previous) "
    "BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END",
)
POSTGRESQL = (
    "DROP TRIGGER audit_no_change ON audit",
    "CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit "
    "FOR EACH ROW EXECUTE FUNCTION audit_refuse()",
    "CREATE FUNCTION audit_refuse_delete() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
    "IF OLD.happened::timestamptz < now() - interval '365 days' AND EXISTS (SELECT 1 FROM audit "
    "WHERE event = 'audit.pruned' AND (details::json->>'through')::bigint >= OLD.sequence) "
    "THEN RETURN OLD; END IF; RAISE EXCEPTION 'the audit log is append-only'; END $$",
    "CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit "
    "FOR EACH ROW EXECUTE FUNCTION audit_refuse_delete()",
    "CREATE FUNCTION audit_refuse_insert() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
    "IF NEW.sequence <> (SELECT coalesce(max(sequence), 0) + 1 FROM audit) OR NEW.previous <> "
    "coalesce((SELECT hash FROM audit ORDER BY sequence DESC LIMIT 1), NEW.previous) "
    "THEN RAISE EXCEPTION 'the audit log is append-only'; END IF; RETURN NEW; END $$",
    "CREATE TRIGGER audit_next_only BEFORE INSERT ON audit "
    "FOR EACH ROW EXECUTE FUNCTION audit_refuse_insert()",
)


def upgrade() -> None:
    for name in ADDED:
        op.add_column("audit", sa.Column(name, sa.Text, nullable=False, server_default=""))
    op.create_index("audit_event", "audit", ["event", "sequence"])
    op.create_index("audit_person", "audit", ["person", "sequence"])
    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL:
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("Entries that are signed with a key cannot lose their columns.")
