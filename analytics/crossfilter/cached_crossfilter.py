"""A cache of cross-filter results, so that views which a gesture leaves unchanged cost nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import polars as pl

from analytics.crossfilter.crossfilter import CrossFilter
from analytics.crossfilter.scope import Scope
from analytics.crossfilter.selection import Selection
from analytics.crossfilter.views import View
from analytics.lru_cache import LruCache

Key = tuple[str, str, str, str]
ENTRY_BYTES, COLUMN_BYTES = 550, 660
"""Memory of an entry and of each column of its frame besides the values: a frame of a few rows
takes three times its values. Measured as what a process has in private once many are cached."""


class ResultCache(LruCache):
    """Frames by (snapshot, scope, view, selection as the view applies it), bounded in bytes."""

    def __init__(self, megabytes: int) -> None:
        super().__init__(megabytes * 1_000_000, _bytes)
        self._forgotten: Counter[str] = Counter()

    def forgotten(self, snapshot_id: str) -> int:
        """Number of times that a snapshot's frames were dropped, for `put_unless_forgotten`."""
        return self._forgotten[snapshot_id]

    def put_unless_forgotten(self, key: Key, frame: pl.DataFrame, forgotten: int) -> None:
        """Cache a frame, unless its snapshot was forgotten since the frame was requested."""
        if forgotten == self._forgotten[key[0]]:
            self.put(key, frame)
            if forgotten != self._forgotten[key[0]]:  # forgotten between the check and the put
                self.forget(key[0])

    def forget(self, snapshot_id: str) -> None:
        """Drop every frame of a snapshot, including those being computed."""
        self._forgotten[snapshot_id] += 1
        self.drop(lambda key: key[0] == snapshot_id)


class CachedCrossFilter(CrossFilter):
    """Asks another implementation only for views that are not in the cache."""

    def __init__(self, inner: CrossFilter, cache: ResultCache, snapshot_id: str) -> None:
        super().__init__(inner.clock)
        self._inner = inner
        self._cache = cache
        self._snapshot_id = snapshot_id

    def _counts(
        self, scope: Scope, selection: Selection, views: Sequence[View]
    ) -> dict[str, pl.DataFrame]:
        keys = {view: self._key(scope, selection, view) for view in views}
        known = {view.name: self._cache.get(key) for view, key in keys.items()}
        frames = {name: frame.clone() for name, frame in known.items() if frame is not None}
        missing = [view for view in keys if view.name not in frames]
        if missing:
            forgotten = self._cache.forgotten(self._snapshot_id)
            answered = self._inner.counts(scope, selection, missing)
            for view in missing:
                self._cache.put_unless_forgotten(keys[view], answered[view.name].clone(), forgotten)
            frames |= answered
        return {view.name: frames[view.name] for view in views}

    def _key(self, scope: Scope, selection: Selection, view: View) -> Key:
        return (self._snapshot_id, scope.text, view.name, selection.without(view.owns).text)


def _bytes(key: Key, frame: pl.DataFrame) -> int:
    around = ENTRY_BYTES + COLUMN_BYTES * frame.width + sum(len(part) for part in key)
    return int(frame.estimated_size()) + around
