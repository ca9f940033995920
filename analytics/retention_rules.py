"""How long each kind of stored thing is kept: the one place of the rules.

`PATROLIQ_KEEP_DAYS` changes them. `patroliq retention` and the daily job of the worker apply them;
snapshots, uploads and sessions are also removed when another begins.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

AUDIT_LEAST_DAYS = 365
"""The triggers of the database have the same number."""
SNAPSHOT_DAYS = 30
KEEP_LAST = 5
"""Snapshots that are kept whatever their age."""


@dataclass(frozen=True)
class KeepRule:
    """What is kept for how long.

    Attributes
    ----------
    days : by default; None: for ever
    least : the fewest days that may be set
    what : what is removed then
    except_for : what stays however old it is
    """

    name: str
    days: int | None
    least: int
    what: str
    except_for: str


RULES = {
    rule.name: rule
    for rule in (
        KeepRule(
            "snapshots",
            SNAPSHOT_DAYS,
            1,
            "Snapshots but the last of each day, then these too, and raw rows of no other one.",
            f"The last {KEEP_LAST}; those that a champion, plan, briefing or open alert cites.",
        ),
        KeepRule(
            "audit",
            None,
            AUDIT_LEAST_DAYS,
            "Entries of the audit log go to a file in `audit_archive/`, with a signed entry.",
            "Nothing.",
        ),
        KeepRule(
            "jobs",
            365,
            7,
            "Jobs that ended, with their results and errors.",
            "The newest of each command and end, whatever it was given.",
        ),
        KeepRule("sessions", 400, 30, "Sessions that ended, with their addresses.", "Open ones."),
        KeepRule(
            "digests",
            365,
            7,
            "Digests of alerts that were sent or given up.",
            "The newest of each channel; those that wait.",
        ),
        KeepRule("checks", 365, 7, "Notes that alerts were checked.", "The newest; alerts."),
        KeepRule(
            "briefings",
            None,
            7,
            "Files that scheduled briefings wrote to their folder.",
            "Briefings themselves, which people remove.",
        ),
        KeepRule("uploads", 7, 1, "Files sent with the browser that nobody loaded.", "Nothing."),
        KeepRule(
            "fetch", 30, 1, "Pages of an interrupted fetch that nobody continued.", "One that runs."
        ),
        KeepRule(
            "damaged",
            90,
            7,
            "Damaged requests of the inbox that were set aside, with their reasons.",
            "Those that wait to be loaded.",
        ),
    )
}


def read_keep_days(text: str) -> tuple[tuple[str, int], ...]:
    """Days by rule of a text such as `jobs=180,audit=1825`.

    Raises
    ------
    ValueError
        A part is not a rule and days, or they are fewer than the rule allows.
    """
    found = []
    for part in text.split(","):
        match = re.fullmatch(r"\s*([a-z]+)\s*=\s*([0-9]{1,6})\s*", part)
        rule = RULES.get(match[1]) if match else None
        if match is None or rule is None:
            raise ValueError(f"{part!r} is not one of {', '.join(RULES)} and days, such as jobs=90")
        days = int(match[2])
        if days < rule.least:
            raise ValueError(f"{rule.name} are kept for at least {rule.least} days")
        found.append((rule.name, days))
    return tuple(found)
