"""Names in the audit log of what changes which snapshot is served."""

PUBLISHED = "snapshot.published"
ROLLED_BACK = "snapshot.rolled_back"
REPAIRED = "snapshot.repaired"
RETRACTED = "incidents.retracted"
CALLS_PUBLISHED = "calls.published"
