"""When a snapshot was replaced as the one served."""

from __future__ import annotations

from collections.abc import Iterable

from analytics.artifacts.decisions import PROMOTED, decision_entries
from analytics.artifacts.decisions import ROLLED_BACK as CHAMPION_BACK
from analytics.audit import Audit
from analytics.errors import InputError
from analytics.incidents.manifest import Manifest
from analytics.incidents.snapshot_events import PUBLISHED, REPAIRED, RETRACTED, ROLLED_BACK
from analytics.sources.record_kinds import CALLS

LABELS = "labels"
"""Detail of an entry on a snapshot that a promotion published."""


def served_until(snapshot_id: str, manifests: Iterable[Manifest], audit: Audit) -> tuple[str, bool]:
    """Time before which a snapshot was served that is not served anymore, ISO 8601 in UTC.

    The audit log tells; where its entries are not kept that long, the kept snapshot made next does,
    which may be later than the one that replaced it: the second value says whether. A promotion
    decides first and then publishes its labels, so it ends with the decision.

    Raises
    ------
    InputError
        Neither tells: there is no such snapshot, or none after it.
    """
    events = (PUBLISHED, ROLLED_BACK, REPAIRED, RETRACTED)
    entries = sorted(decision_entries(audit, *events), key=lambda entry: entry.sequence)
    served = [one for one in entries if one.details.get("kind") != CALLS.name]
    begun = [number for number, one in enumerate(served) if one.subject == snapshot_id]
    if begun and begun[-1] + 1 < len(served):
        first, ended = served[begun[-1]], served[begun[-1] + 1]
        if LABELS not in ended.details:
            return ended.happened, False
        decided = decision_entries(audit, PROMOTED, CHAMPION_BACK)
        causes = [one for one in decided if first.sequence < one.sequence < ended.sequence]
        return min((one.happened for one in causes[:1]), default=ended.happened), False
    own = [one.created for one in manifests if one.id == snapshot_id]
    later = [one.created for one in manifests if own and one.created > own[0]]
    if not later:
        raise InputError(f"Snapshot {snapshot_id[:100]!r} is served now, or is not kept.")
    return min(later), True
