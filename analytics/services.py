"""Access to the pinned snapshot and the state, for a web worker or a command."""

from __future__ import annotations

import logging
import threading
import weakref
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from analytics.artifacts.catalog import ALL
from analytics.artifacts.label_names import label_names
from analytics.artifacts.targets import ALL_INCIDENTS, ModelTarget, Targets, is_of, offenses_of
from analytics.artifacts.targets import FILE as TARGETS
from analytics.crossfilter import compiled
from analytics.crossfilter.cached_crossfilter import CachedCrossFilter, ResultCache
from analytics.crossfilter.crossfilter import CrossFilter
from analytics.crossfilter.fast_crossfilter import FastCrossFilter
from analytics.crossfilter.selection import Selection
from analytics.crossfilter.vocabulary import Vocabulary
from analytics.errors import DamagedError, InputError
from analytics.incidents.reader import SnapshotReader
from analytics.incidents.reference import find_table
from analytics.incidents.warehouse import Snapshot, Warehouse
from analytics.lru_cache import LruCache
from analytics.redaction import without_folder
from analytics.settings import Settings
from analytics.snapshot_guard import Served, SnapshotGuard
from analytics.state_file import StateFile

if TYPE_CHECKING:
    from analytics.state import State


Answer = TypeVar("Answer")
CACHED_OFFENSES = 256
_LOG = logging.getLogger(__name__)


class Pinned:
    """One snapshot with its reader, cross-filter and caches; a request uses only one.

    Attributes
    ----------
    warning : str
        What is wrong with the current snapshot, if this one is served in its place.
    """

    def __init__(
        self,
        snapshot: Snapshot,
        settings: Settings,
        cache: ResultCache,
        guard: SnapshotGuard | None = None,
    ) -> None:
        """`guard` is that of a web worker, whose DuckDB gets little memory.

        Raises
        ------
        DamagedError
            The database cannot be opened.
        """
        self.snapshot = snapshot
        self.warning = ""
        self._settings = settings
        if guard is None:
            self.reader = SnapshotReader(snapshot, settings)
            fast = FastCrossFilter(self.reader, settings.duckdb_threads)
        else:
            self.reader = SnapshotReader(
                snapshot,
                settings,
                settings.query_memory_limit,
                lambda message: guard.report(snapshot.id, message),
            )
            fast = FastCrossFilter(
                self.reader, settings.duckdb_threads, lambda: guard.has_intact_codes(snapshot.id)
            )
        self.crossfilter: CrossFilter = CachedCrossFilter(fast, cache, snapshot.id)
        self._lock = threading.Lock()
        self._vocabulary: Vocabulary | None = None
        self._targets: tuple[tuple[Path, int], Targets] | None = None
        self._computed: dict[str, Any] = {}

    @property
    def id(self) -> str:
        return self.snapshot.id

    @property
    def attributes(self) -> tuple[str, ...]:
        """Names of the further attributes."""
        return tuple(attribute.name for attribute in self.snapshot.manifest.attributes)

    @property
    def vocabulary(self) -> Vocabulary:
        """Labels of keys, read at first use."""
        with self._lock:
            if self._vocabulary is None:
                names = label_names(self._settings.home, self.snapshot.manifest)
                self._vocabulary = Vocabulary.of(self.reader, names)
            return self._vocabulary

    @property
    def targets(self) -> Targets:
        """Targets of models that this data offers; only all incidents if the table is not valid.

        The table is read again when it has changed.
        """
        path = find_table(TARGETS, self._settings.tables)
        state = (path, path.stat().st_mtime_ns)
        if self._targets is None or self._targets[0] != state:
            self._targets = (state, self._read_targets())
        return self._targets[1]

    def _read_targets(self) -> Targets:
        try:
            return Targets.of(self.vocabulary, self._settings)
        except InputError as error:
            _LOG.warning("targets of models: %s", error)
            return Targets({ALL: ALL_INCIDENTS}, {})

    def targets_of(self, selection: Selection) -> tuple[ModelTarget, ...]:
        """Targets that contain a selection: the narrowest first, `all` last."""
        return self.targets.containing(selection, self._offenses)

    def is_of(self, trained: str, selection: Selection) -> bool:
        """Whether a model, by the selection's text, is of the selected incidents.

        Dates and places are not compared; filters on the offense are, by what they mean.
        """
        return is_of(Selection.parse(trained), selection, self._offenses)

    def _offenses(self, part: Selection) -> frozenset[int]:
        cache = self.get_or_compute("offenses", lambda: LruCache(CACHED_OFFENSES))
        found: frozenset[int] = cache.get_or_compute(
            part.text, lambda: offenses_of(self.reader, part)
        )
        return found

    def get_or_compute(self, name: str, compute: Callable[[], Answer]) -> Answer:
        """The result of `compute`, computed once for this snapshot."""
        with self._lock:
            if name not in self._computed:
                self._computed[name] = compute()
            computed: Answer = self._computed[name]
            return computed


class Services:
    """Opens data lazily: a process must not use DuckDB before it forks."""

    def __init__(self, settings: Settings, *, web: bool = False) -> None:
        """`web`: for a web worker, which limits DuckDB's memory and loads the scan in a thread."""
        self.settings = settings
        self.warehouse = Warehouse(settings.home)
        self._state_file = StateFile(settings.home)
        self.cache = ResultCache(settings.cache_mb)
        self._lock = threading.RLock()
        self._pinned: Pinned | None = None
        self._guard = SnapshotGuard(self.warehouse, _forgetting(self)) if web else None

    def pin(self) -> Pinned | None:
        """The snapshot served now; None in an empty warehouse.

        An older one stays open for requests that hold it and closes with the last of them.

        Raises
        ------
        IntegrityError
            The pointer cannot be read, the snapshot has another schema version, or it is damaged
            and no earlier one is intact.
        """
        if self._guard is None:
            current = self.warehouse.current()
            return None if current is None else self._open(Served(current))
        try:
            served = self._guard.served()
            return None if served is None else self._open(served)
        except DamagedError:  # the guard has been told and may already have an earlier snapshot
            served = self._guard.served()
            return None if served is None else self._open(served)

    def _open(self, served: Served) -> Pinned:
        snapshot = served.snapshot
        with self._lock:
            if self._pinned is None or self._pinned.id != snapshot.id:
                try:
                    self._pinned = Pinned(snapshot, self.settings, self.cache, self._guard)
                except DamagedError as error:
                    if self._guard is not None:
                        self._guard.report(snapshot.id, str(error))
                    raise
                if self._guard is not None:
                    compiled.load_in_background()
            self._pinned.warning = self.for_readers(served.warning)
            return self._pinned

    def _forget(self, snapshot_id: str) -> None:
        """Drop everything read from a damaged snapshot."""
        with self._lock:
            if self._pinned is not None and self._pinned.id == snapshot_id:
                self._pinned = None
        self.cache.forget(snapshot_id)

    @cached_property
    def state(self) -> State:
        """The state database: audit log, jobs, edits, stored selections."""
        from analytics.state import State  # noqa: PLC0415 - SQLAlchemy loads with first use

        return State(self.settings, self._state_file)

    @property
    def state_trouble(self) -> str:
        """Why nothing can be saved, for readers; empty while it can."""
        return "" if self.settings.state_url else self.for_readers(self._state_file.trouble)

    def for_readers(self, message: object) -> str:
        """A message as pages and the API show it: files by their place in the home folder.

        Only commands say where on the server that folder is.
        """
        return without_folder(str(message), self.settings.home, "the home folder")


def _forgetting(services: Services) -> Callable[[str], None]:
    """A weak `services._forget`: the guard's thread must not keep the services alive."""
    method = weakref.WeakMethod(services._forget)

    def forget(snapshot_id: str) -> None:
        found = method()
        if found is not None:
            found(snapshot_id)

    return forget
