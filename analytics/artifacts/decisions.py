"""Decisions on versions in the audit log."""

from __future__ import annotations

from collections.abc import Iterable

from analytics.audit import Audit, AuditEntry

PROMOTED, ROLLED_BACK = "model.promoted", "model.rolled_back"
REFUSED = "model.refused"
FAILED = "model.promotion_failed"  # only written by earlier versions of the program
SEARCHED = 10_000  # most entries of each event


def decision_entries(audit: Audit, *events: str, most: int = SEARCHED) -> list[AuditEntry]:
    """Audit entries of these events, newest first."""
    found = [entry for event in events for entry in audit.latest(most, event)]
    return sorted(found, key=lambda entry: -entry.sequence)


def promotions_in_force(
    entries: Iterable[AuditEntry], name: str, champion: int | None
) -> tuple[AuditEntry, ...]:
    """Promotions of a model that were not rolled back, oldest first; the last made `champion`.

    Each rollback undoes one promotion: two rollbacks after three promotions lead to the first.

    Parameters
    ----------
    entries
        Promotions, rollbacks and failed promotions of any models, in any order.
    champion
        Its version; None if only the log tells. The result is empty if the log does not name it.
    """
    stacks: list[tuple[AuditEntry, ...]] = [()]
    for entry in sorted(entries, key=lambda entry: entry.sequence):
        if entry.subject.partition(" ")[0] != name:
            continue
        if entry.event == PROMOTED:
            stacks.append((*stacks[-1], entry))
        elif entry.event == ROLLED_BACK:
            stacks.append(_back_to(entry, stacks[-1]))
        elif entry.event == FAILED and len(stacks) > 1:
            stacks.pop()
    found = stacks[-1]
    while found and champion not in {None, version_of(found[-1])}:
        found = found[:-1]  # the process was killed between log and promotion
    return found


def version_of(entry: AuditEntry) -> int:
    """Version that an entry is about."""
    return int(entry.subject.partition(" ")[2])


def _back_to(entry: AuditEntry, stack: tuple[AuditEntry, ...]) -> tuple[AuditEntry, ...]:
    earlier = stack[:-1]
    while earlier and version_of(earlier[-1]) != version_of(entry):
        earlier = earlier[:-1]
    return (*earlier[:-1], entry)
