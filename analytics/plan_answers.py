"""Plans as a reader sees them, with the incidents around stops counted again where needed."""

from __future__ import annotations

from dataclasses import replace

from analytics.access.stored_results import seen_results
from analytics.crossfilter.selection import Selection
from analytics.errors import InputError
from analytics.lru_cache import LruCache
from analytics.patrol.plan_request import PlanRequest
from analytics.patrol.recent_incidents import RecentIncidents
from analytics.patrol.seen_plans import OWN_COUNTS, own_recent, with_own_counts
from analytics.patrol.stored_plans import PlanVersion
from analytics.services import Pinned
from analytics.settings import Settings

CACHED_SHIFTS = 8
"""Years of one shift's incidents that are kept of a snapshot."""


def with_seen_counts(version: PlanVersion, pinned: Pinned, settings: Settings) -> PlanVersion:
    """A plan whose counts are withheld, with those of the incidents that the reader sees.

    Where they cannot be counted, they stay withheld.
    """
    if seen_results().counts:
        return version
    recent = _own_recent(version.request, pinned, settings)
    if recent is None:
        return version
    crs_local = pinned.snapshot.manifest.crs_local
    content = with_own_counts(version.content, version.request, recent, crs_local)
    return replace(version, content=content, notes=(*version.notes, OWN_COUNTS))


def _own_recent(request: PlanRequest, pinned: Pinned, settings: Settings) -> RecentIncidents | None:
    try:
        named = pinned.targets.find(request.target)
        vocabulary = pinned.vocabulary  # read first: the cache computes while it holds its lock
        target = named.part(vocabulary.resolve_strictly(Selection.parse(request.selection))[0])
    except InputError:  # the target, or a value of the selection, is gone for this reader
        return None
    cache = pinned.get_or_compute("shifts around stops", lambda: LruCache(CACHED_SHIFTS))
    key = (target.text, request.day, request.shift, request.per, request.proactive)
    found: RecentIncidents | None = cache.get_or_compute(
        key, lambda: own_recent(pinned.reader, vocabulary, target, request, settings)
    )
    return found
