"""Which alerts the current reader sees, how many are new, and whether they are of today's data."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING

from analytics.access.reader import current_reader
from analytics.errors import PatrolIQError
from analytics.services import Pinned, Services

if TYPE_CHECKING:
    from analytics.alerts.stored_alerts import Alert

MOST_COUNTED = 99
_LOG = logging.getLogger(__name__)


def number_new(services: Services, pinned: Pinned | None) -> int:
    """How many new alerts the current reader sees, `MOST_COUNTED` at most; 0 where none are known.

    A restricted reader's are looked at one by one, each once (`analytics.alerts.seen_alerts`).
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
        return len(alerts_of(pinned, stored.listed([AlertState.NEW], most=MOST_COUNTED)))
    except PatrolIQError as error:
        _LOG.warning("new alerts cannot be counted: %s", error)
        return 0


def is_overtaken(pinned: Pinned | None, snapshot: str) -> bool:
    """Whether other data is served now than the worker looked at last."""
    return pinned is not None and not current_reader().past and pinned.id != snapshot


def alerts_of(pinned: Pinned | None, found: Sequence[Alert]) -> list[Alert]:
    """Those of some alerts that the current reader sees."""
    if pinned is None or not pinned.is_scoped:
        return list(found)
    from analytics.alerts.seen_alerts import seen_alerts  # noqa: PLC0415

    data = pinned.reader, pinned.crossfilter, pinned.vocabulary
    return seen_alerts(found, *data, pinned.get_or_compute)
