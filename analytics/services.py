"""What a web worker or a command asks: the pinned snapshot and the state."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from analytics.crossfilter import kernels
from analytics.crossfilter.cache import CachedCrossFilter, ResultCache
from analytics.crossfilter.crossfilter import CrossFilter
from analytics.crossfilter.fast_crossfilter import FastCrossFilter
from analytics.crossfilter.vocabulary import Vocabulary
from analytics.incidents.reader import SnapshotReader
from analytics.incidents.warehouse import Snapshot, Warehouse
from analytics.models.label_names import label_names
from analytics.settings import Settings

if TYPE_CHECKING:
    from analytics.state import State


Answer = TypeVar("Answer")


class Pinned:
    """One snapshot and all that answers from it; a request uses the same one throughout."""

    def __init__(
        self, snapshot: Snapshot, settings: Settings, cache: ResultCache, memory_limit: str = ""
    ) -> None:
        self.snapshot = snapshot
        self._home = settings.home
        self.reader = SnapshotReader(snapshot, settings, memory_limit)
        self.crossfilter: CrossFilter = CachedCrossFilter(
            FastCrossFilter(self.reader, settings.duckdb_threads), cache, snapshot.id
        )
        self._lock = threading.Lock()
        self._vocabulary: Vocabulary | None = None
        self._remembered: dict[str, Any] = {}

    @property
    def id(self) -> str:
        return self.snapshot.id

    @property
    def attributes(self) -> tuple[str, ...]:
        """Names of the further attributes."""
        return tuple(attribute.name for attribute in self.snapshot.manifest.attributes)

    @property
    def vocabulary(self) -> Vocabulary:
        """Read at first use and kept."""
        with self._lock:
            if self._vocabulary is None:
                names = label_names(self._home, self.snapshot.manifest)
                self._vocabulary = Vocabulary.of(self.reader, names)
            return self._vocabulary

    def remember(self, name: str, make: Callable[[], Answer]) -> Answer:
        """What `make` returns, made once for this snapshot."""
        with self._lock:
            if name not in self._remembered:
                self._remembered[name] = make()
            remembered: Answer = self._remembered[name]
            return remembered


class Services:
    """Opened lazily: a process that forks must not have touched DuckDB before."""

    def __init__(self, settings: Settings, *, web: bool = False) -> None:
        """`web`: of a web worker, whose DuckDB keeps little and whose scan loads in a thread."""
        self.settings = settings
        self._web = web
        self.warehouse = Warehouse(settings.home)
        self.cache = ResultCache(settings.cache_mb)
        self._lock = threading.Lock()
        self._pinned: Pinned | None = None

    def pin(self) -> Pinned | None:
        """The snapshot being served now, or None in an empty warehouse.

        An older one stays open for the requests that hold it and closes with the last of them.

        Raises
        ------
        IntegrityError
            The snapshot was written under another schema version.
        """
        snapshot = self.warehouse.current()
        if snapshot is None:
            return None
        with self._lock:
            if self._pinned is None or self._pinned.id != snapshot.id:
                limit = self.settings.query_memory_limit if self._web else ""
                self._pinned = Pinned(snapshot, self.settings, self.cache, limit)
                if self._web:
                    kernels.load_in_background()
            return self._pinned

    @cached_property
    def state(self) -> State:
        """Users, audit and saved selections."""
        from analytics.state import State  # noqa: PLC0415 - SQLAlchemy loads with first use

        return State(self.settings)
