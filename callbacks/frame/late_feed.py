"""Whether new incidents are missing, which every page says."""

from __future__ import annotations

from datetime import UTC, datetime

from analytics.alerts.load_rhythm import Overdue, overdue
from analytics.services import Pinned, Services


def late_feed(services: Services, pinned: Pinned) -> Overdue | None:
    """Since when they are missing; None of kept data, which is shown as it was."""
    if services.past is not None:
        return None
    return overdue(pinned.snapshot.manifest.batches, datetime.now(UTC))
