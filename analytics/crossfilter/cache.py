"""Results kept by what was asked, so that views a gesture does not touch cost nothing."""

from __future__ import annotations

import threading
from collections import Counter, OrderedDict
from collections.abc import Sequence

import polars as pl

from analytics.crossfilter.crossfilter import CrossFilter
from analytics.crossfilter.scope import Scope
from analytics.crossfilter.selection import Selection
from analytics.crossfilter.views import View

Key = tuple[str, str, str, str]
OVERHEAD_BYTES = 1_000
"""Counted for each entry beside its values: the key and the frame itself."""


class ResultCache:
    """Frames by (snapshot, scope, view, selection as the view sees it), least used out first.

    Bounded in bytes and safe to share between threads and snapshots.
    """

    def __init__(self, megabytes: int) -> None:
        self._limit = megabytes * 1_000_000
        self._lock = threading.Lock()
        self._frames: OrderedDict[Key, pl.DataFrame] = OrderedDict()
        self._forgotten: Counter[str] = Counter()
        self.bytes = 0
        self.hits = 0
        self.misses = 0

    def get(self, key: Key) -> pl.DataFrame | None:
        with self._lock:
            frame = self._frames.get(key)
            if frame is None:
                self.misses += 1
                return None
            self.hits += 1
            self._frames.move_to_end(key)
            return frame.clone()

    def forgotten(self, snapshot_id: str) -> int:
        """How often a snapshot's frames were dropped; `put` is told what it was before asking."""
        return self._forgotten[snapshot_id]

    def put(self, key: Key, frame: pl.DataFrame, forgotten: int) -> None:
        """Keep a frame, unless it is larger than the whole cache, or its snapshot was forgotten
        since it was asked for."""
        size = _size(key, frame)
        if size > self._limit:
            return
        with self._lock:
            if forgotten != self._forgotten[key[0]]:
                return
            if (replaced := self._frames.pop(key, None)) is not None:
                self.bytes -= _size(key, replaced)
            self._frames[key] = frame.clone()
            self.bytes += size
            while self.bytes > self._limit:
                old, dropped = self._frames.popitem(last=False)
                self.bytes -= _size(old, dropped)

    def forget(self, snapshot_id: str) -> None:
        """Drop every frame of a snapshot, also those that are being computed."""
        with self._lock:
            self._forgotten[snapshot_id] += 1
            for key in [key for key in self._frames if key[0] == snapshot_id]:
                self.bytes -= _size(key, self._frames.pop(key))

    def __len__(self) -> int:
        return len(self._frames)


class CachedCrossFilter(CrossFilter):
    """Asks another implementation only for views whose answer is not known."""

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
        frames = {name: frame for name, frame in known.items() if frame is not None}
        missing = [view for view in keys if view.name not in frames]
        if missing:
            forgotten = self._cache.forgotten(self._snapshot_id)
            answered = self._inner.counts(scope, selection, missing)
            for view in missing:
                self._cache.put(keys[view], answered[view.name], forgotten)
            frames |= answered
        return {view.name: frames[view.name] for view in views}

    def _key(self, scope: Scope, selection: Selection, view: View) -> Key:
        return (self._snapshot_id, scope.text, view.name, selection.without(view.owns).text)


def _size(key: Key, frame: pl.DataFrame) -> int:
    return int(frame.estimated_size()) + sum(len(part) for part in key) + OVERHEAD_BYTES
