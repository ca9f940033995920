"""Which snapshots are kept, and why each of them is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum, unique

from analytics.alerts.stored_alerts import cited_by_alerts
from analytics.artifacts.bundle import cited_snapshots
from analytics.briefing_store import cited_by_briefings
from analytics.errors import DamagedError
from analytics.incidents.manifest import Manifest
from analytics.incidents.model import SCHEMA_VERSION
from analytics.incidents.warehouse import Warehouse, newest, newest_of_days
from analytics.patrol.cited_plans import cited_by_plans
from analytics.settings import Settings


@unique
class KeptFor(StrEnum):
    """Why a snapshot is kept."""

    SERVED = "served"
    NEWEST = "newest"
    DAY = "day"
    CHAMPION = "champion"
    PLAN = "plan"
    BRIEFING = "briefing"
    ALERT = "alert"


@dataclass(frozen=True)
class KeptSnapshot:
    """A kept snapshot; `opens` where it can be shown as it was."""

    manifest: Manifest
    reasons: tuple[KeptFor, ...]

    @property
    def opens(self) -> bool:
        """Whether it can be shown as it was: it is of this version, and not the one served."""
        return self.is_readable and KeptFor.SERVED not in self.reasons

    @property
    def is_readable(self) -> bool:
        """Whether this version of the program reads it."""
        return self.manifest.schema_version == SCHEMA_VERSION


def kept_for(settings: Settings) -> list[KeptSnapshot]:
    """Kept snapshots with the reasons, the newest first.

    Raises
    ------
    StateError
        The state database cannot be read.
    """
    warehouse = Warehouse(settings.home)
    manifests = warehouse.list()
    try:
        served = warehouse.current_id()
    except DamagedError:
        served = None
    by_reason: Mapping[KeptFor, set[str]] = {
        KeptFor.SERVED: {served} if served else set(),
        KeptFor.NEWEST: newest(manifests),
        KeptFor.DAY: newest_of_days(manifests, settings.days_kept("snapshots")),
        KeptFor.CHAMPION: cited_snapshots(settings.home) or set(),
        KeptFor.PLAN: cited_by_plans(settings),
        KeptFor.BRIEFING: cited_by_briefings(settings),
        KeptFor.ALERT: cited_by_alerts(settings),
    }
    return [
        KeptSnapshot(one, tuple(why for why, ids in by_reason.items() if one.id in ids))
        for one in manifests
    ]
