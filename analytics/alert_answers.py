"""How many alerts are new for the current reader, for the badge on every page."""

from __future__ import annotations

import logging

from analytics.errors import PatrolIQError
from analytics.services import Pinned, Services

MOST_COUNTED = 99
_LOG = logging.getLogger(__name__)


def number_new(services: Services, pinned: Pinned | None) -> int:
    """How many new alerts the current reader sees, `MOST_COUNTED` at most; 0 where none are known.

    A restricted reader's are looked at one by one (`analytics.alerts.seen_alerts`).
    """
    if services.state_trouble or pinned is None:
        return 0
    from analytics.alerts.stored_alerts import (  # noqa: PLC0415 - SQLAlchemy loads with first use
        AlertState,
        StoredAlerts,
    )

    try:
        stored = StoredAlerts(services.state, services.settings)
        if not pinned.is_scoped:
            return min(stored.number_new(), MOST_COUNTED)
        from analytics.alerts.seen_alerts import seen_alerts  # noqa: PLC0415

        found = stored.listed([AlertState.NEW], most=MOST_COUNTED)
        return len(seen_alerts(found, pinned.reader, pinned.crossfilter))
    except PatrolIQError as error:
        _LOG.warning("new alerts cannot be counted: %s", error)
        return 0
