"""Which version was champion when, by the audit log: MLflow keeps no history of its aliases."""

from __future__ import annotations

from collections.abc import Iterable

from analytics.audit import Audit, Entry

PROMOTED, ROLLED_BACK = "model.promoted", "model.rolled_back"
FAILED, REFUSED = "model.promotion_failed", "model.refused"
SEARCHED = 10_000  # entries of each event


def decided(audit: Audit, *events: str, most: int = SEARCHED) -> list[Entry]:
    """Entries of these events, newest first."""
    found = [entry for event in events for entry in audit.latest(most, event)]
    return sorted(found, key=lambda entry: -entry.sequence)


def champion_before(entries: Iterable[Entry], name: str, current: int) -> int | None:
    """The version a rollback from the present champion returns to, if there is one.

    Each rollback takes one promotion back, so that two after three promotions lead to the first.

    Parameters
    ----------
    entries
        Promotions, rollbacks and those that failed, in any order, of any models.
    """
    standing = _standing(sorted(entries, key=lambda entry: entry.sequence), name)
    while standing and standing[-1] != current:  # killed after it was logged, before it was done
        standing = standing[:-1]
    return next((version for version in reversed(standing) if version != current), None)


def _standing(entries: Iterable[Entry], name: str) -> tuple[int, ...]:
    """Promotions of a model that were not taken back, oldest first; entries from the oldest."""
    stacks: list[tuple[int, ...]] = [()]
    for entry in entries:
        model, _, version = entry.subject.partition(" ")
        if model != name:
            continue
        if entry.event == PROMOTED:
            stacks.append((*stacks[-1], int(version)))
        elif entry.event == ROLLED_BACK:
            stacks.append(_back_to(int(version), stacks[-1]))
        elif entry.event == FAILED and len(stacks) > 1:
            stacks.pop()
    return stacks[-1]


def _back_to(version: int, stack: tuple[int, ...]) -> tuple[int, ...]:
    earlier = stack[:-1]
    while earlier and earlier[-1] != version:
        earlier = earlier[:-1]
    return earlier or (version,)
