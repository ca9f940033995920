"""Tables of a snapshot of calls, made by `ingest/derive_calls.py`.

`calls` has one row for each call: the columns of `CALL_COLUMNS` and of the source, parts of time,
and for each measure its state and seconds. `unit_time` has one row for each call and hour of the
clock in which it kept units busy: the columns of the call with that hour in place of its own parts
of time, and `unit_hours`. Texts of few different values are stored as codes (ENUM).
"""

from __future__ import annotations

from analytics.errors import IntegrityError
from analytics.incidents.manifest import Manifest

VERSION = 3
"""Of these tables; a snapshot of another one has to be derived again."""
MEASURED = "measured"
OPEN = "open"
"""State of a step that had not ended when the call was last heard of."""


def require_version(manifest: Manifest) -> None:
    """Refuse a snapshot of calls whose tables are of another version.

    Raises
    ------
    IntegrityError
        They are.
    """
    made = manifest.settings.get("conditions", {}).get("derived")
    if made != VERSION:
        raise IntegrityError(
            f"The calls were loaded by another version of PatrolIQ (tables {made}, not {VERSION}). "
            "Ingest a file of calls again: stored calls are kept."
        )
