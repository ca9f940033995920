"""Decisions about versions in the audit log."""

from __future__ import annotations

from collections.abc import Iterable

from analytics.audit import Audit, AuditEntry

PROMOTED, ROLLED_BACK = "model.promoted", "model.rolled_back"
REFUSED = "model.refused"
FAILED = "model.promotion_failed"  # written by earlier versions of the program only
SEARCHED = 10_000  # entries of each event


def decided(audit: Audit, *events: str, most: int = SEARCHED) -> list[AuditEntry]:
    """Entries of these events, newest first."""
    found = [entry for event in events for entry in audit.latest(most, event)]
    return sorted(found, key=lambda entry: -entry.sequence)


def standing(
    entries: Iterable[AuditEntry], name: str, champion: int | None
) -> tuple[AuditEntry, ...]:
    """Promotions of a model that were not taken back, oldest first; the last one made `champion`.

    Each rollback takes one promotion back, so that two after three promotions lead to the first.

    Parameters
    ----------
    entries
        Promotions, rollbacks and those that failed, in any order, of any models.
    champion
        None where only the log knows. Empty where the log does not tell of it.
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
        found = found[:-1]  # killed after it was logged, before it was done
    return found


def version_of(entry: AuditEntry) -> int:
    """The version that an entry about one is of."""
    return int(entry.subject.partition(" ")[2])


def _back_to(entry: AuditEntry, stack: tuple[AuditEntry, ...]) -> tuple[AuditEntry, ...]:
    earlier = stack[:-1]
    while earlier and version_of(earlier[-1]) != version_of(entry):
        earlier = earlier[:-1]
    return (*earlier[:-1], entry)
