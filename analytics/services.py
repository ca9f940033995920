"""Access to the pinned snapshot and the state, for a web worker or a command."""

from __future__ import annotations

import logging
import threading
import weakref
from collections.abc import Callable, Collection, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from analytics.access.reader import Reader, current_reader, reader_now
from analytics.access.restriction import Restriction, restriction_of
from analytics.access.stored_results import EVERY, NONE, results_of, show_results
from analytics.access_log import AccessLog
from analytics.artifacts.catalog import ALL
from analytics.artifacts.label_names import label_names
from analytics.artifacts.targets import ALL_INCIDENTS, ModelTarget, Targets, is_of, offenses_of
from analytics.artifacts.targets import FILE as TARGETS
from analytics.ask.finder import Finder
from analytics.ask.grammar import Grammar
from analytics.ask.open_grammar import open_grammar
from analytics.calls.answers import Calls
from analytics.calls.seen_calls import areas_of_calls, narrow_calls, seen_manifest
from analytics.calls.tables import require_version
from analytics.cluster.code_segments import CodeSegments
from analytics.cluster.connection import Cluster
from analytics.cluster.row_segments import RowSegments
from analytics.crossfilter import compiled
from analytics.crossfilter.block_list import block_places
from analytics.crossfilter.cached_crossfilter import CachedCrossFilter, ResultCache
from analytics.crossfilter.code_scan import ElsewhereSums, nowhere_else
from analytics.crossfilter.crossfilter import CrossFilter
from analytics.crossfilter.custom_area import CustomArea, FindAreas, no_areas
from analytics.crossfilter.fast_crossfilter import FastCrossFilter
from analytics.crossfilter.outline_names import names_besides_keys
from analytics.crossfilter.selection import Selection
from analytics.crossfilter.vocabulary import Vocabulary
from analytics.errors import DamagedError, InputError, OutsideScopeError, PatrolIQError
from analytics.incidents.model import AREA_LEVELS
from analytics.incidents.reader import SnapshotReader
from analytics.incidents.reference import find_table
from analytics.incidents.warehouse import LONGEST_ID, Snapshot, Warehouse
from analytics.layers.layer_store import LayerStore
from analytics.lru_cache import LruCache
from analytics.past.serving import PastServing
from analytics.publisher import Pulled, late_pull, read_pulled
from analytics.redaction import without_folders
from analytics.scoped.kept import Base
from analytics.scoped.serving import ScopedServing
from analytics.settings import Settings
from analytics.snapshot_guard import Served, SnapshotGuard
from analytics.sources.record_kinds import CALLS
from analytics.state_file import StateFile

if TYPE_CHECKING:
    import polars as pl
    from duckdb import DuckDBPyConnection

    from analytics.access.people import People
    from analytics.access.program_tokens import ProgramTokens
    from analytics.access.sessions import Sessions
    from analytics.past.past_home import PastHome
    from analytics.state import State
    from analytics.sync.failing_feeds import FailingFeeds


Answer = TypeVar("Answer")
CACHED_OFFENSES = 256
MOST_EARLIER = 2
"""Kept snapshots that stay open besides the one that is served."""
_LOG = logging.getLogger(__name__)


class Guard(Protocol):
    """Knows whether the files of a snapshot are intact."""

    def report(self, snapshot_id: str, message: str) -> None:
        """Report a damaged snapshot."""

    def has_intact_codes(self, snapshot_id: str) -> bool:
        """Whether the codes of a snapshot match their checksums."""


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
        guard: Guard | None = None,
        areas: FindAreas = no_areas,
        *,
        cluster: Cluster | None = None,
    ) -> None:
        """`guard` is that of a web worker, whose DuckDB gets little memory.

        `areas` finds the custom areas that selections may name. `cluster` has workers with the same
        snapshot, which those of scopes and of earlier states are not.

        Raises
        ------
        DamagedError
            The database cannot be opened.
        """
        self.snapshot = snapshot
        self.warning = ""
        self._settings = settings
        self._areas = areas
        elsewhere: ElsewhereSums = nowhere_else
        if cluster is not None:
            elsewhere = CodeSegments(cluster, snapshot, settings.cluster_from)
        if guard is None:
            self.reader = SnapshotReader(snapshot, settings)
            fast = FastCrossFilter(self.reader, settings.duckdb_threads, elsewhere=elsewhere)
        else:
            self.reader = SnapshotReader(
                snapshot,
                settings,
                settings.query_memory_limit,
                lambda message: guard.report(snapshot.id, message),
                settings.query_timeout_s,
            )
            fast = FastCrossFilter(
                self.reader,
                settings.duckdb_threads,
                lambda: guard.has_intact_codes(snapshot.id),
                elsewhere,
            )
        if cluster is not None:
            self.reader.elsewhere = RowSegments(cluster, self.reader, settings.cluster_from)
        self.crossfilter: CrossFilter = CachedCrossFilter(fast, cache, snapshot.id)
        self._lock = threading.Lock()
        self._vocabulary: Vocabulary | None = None
        self._targets: tuple[tuple[Path, int], Targets] | None = None
        self._computed: dict[str, Any] = {}

    @property
    def id(self) -> str:
        return self.snapshot.id

    @property
    def is_scoped(self) -> bool:
        """Whether it has only what a restricted reader may see."""
        return bool(self.snapshot.manifest.scoped_from)

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
                self._vocabulary = Vocabulary.of(self.reader, names, self._areas)
            return self._vocabulary

    @property
    def area_names(self) -> dict[str, Mapping[str, str]]:
        """Names of areas by level and key, of the levels whose outlines have names."""
        return names_besides_keys(self.vocabulary.names)

    @property
    def block_places(self) -> pl.DataFrame:
        """The place of every block that has one: block, lat, lon."""
        return self.get_or_compute("block places", lambda: block_places(self.reader))

    def of_seen_blocks(self, units: pl.DataFrame) -> pl.DataFrame:
        """Units of a forecast that are cells, or blocks of which the reader sees an incident."""
        if not self.is_scoped or "block" not in units.columns:
            return units
        return units.join(self.block_places.select("block"), on="block", how="semi")

    @property
    def targets(self) -> Targets:
        """Targets of models that this data offers; only all incidents if the table is not valid.

        The table is read again when it has changed.
        """
        path = find_table(TARGETS, self._settings.own_tables)
        state = (path, path.stat().st_mtime_ns)
        if self._targets is None or self._targets[0] != state:
            self._targets = (state, self._read_targets())
        return self._targets[1]

    @property
    def grammar(self) -> Grammar:
        """Reads phrases about this snapshot.

        Raises
        ------
        InputError
            The data has no dates, or the table of synonyms is not valid.
        """
        finder, targets = self.finder, self.targets
        return self.get_or_compute("grammar", lambda: open_grammar(finder, targets, self._settings))

    @property
    def finder(self) -> Finder:
        """Finds incidents, blocks, areas and values of this snapshot by their names."""
        vocabulary = self.vocabulary
        return self.get_or_compute(
            "finder", lambda: Finder(self.reader, vocabulary, LayerStore(self._settings.home))
        )

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


class _ScopedGuard:
    """The guard of a scoped snapshot, which was checked when it was opened."""

    def __init__(self, forget: Callable[[str], None]) -> None:
        self._forget = forget

    def report(self, snapshot_id: str, message: str) -> None:
        """Have a damaged one made again."""
        _LOG.error("%s", message)
        self._forget(snapshot_id)

    def has_intact_codes(self, _snapshot_id: str) -> bool:
        return True


class Services:
    """Opens data lazily: a process must not use DuckDB before it forks.

    A reader who opened a kept snapshot as it was is answered by services of their own, with its
    data, settings and state; accounts and the log of accesses are always those of today.
    """

    def __init__(
        self, settings: Settings, *, web: bool = False, past: PastHome | None = None
    ) -> None:
        """`web`: for a web worker, which limits DuckDB's memory and loads the scan in a thread.

        `past`: the kept snapshot that these services show as it was.

        Raises
        ------
        InputError
            The settings name a scheduler at an address that is not allowed.
        """
        self._settings = settings
        self._past_home = past
        self._past = None if past else PastServing(settings, self._open_past, Services._close)
        self._warehouse = Warehouse(settings.home)
        self._cluster = None if past else Cluster.of(settings)
        self._state_file = StateFile(settings.home)
        self.cache = ResultCache(settings.cache_mb)
        self._lock = threading.RLock()
        self._pinned: Pinned | None = None
        self._earlier = LruCache(MOST_EARLIER)
        self._calls: Calls | None = None
        self._calls_warehouse = Warehouse(settings.home / CALLS.home)
        self._web = web
        self._scoped = ScopedServing(settings, self._open_scoped)
        self._guard = SnapshotGuard(self._warehouse, _forgetting(self)) if web else None

    def _open_past(self, home: PastHome) -> Services:
        return Services(home.settings, web=self._web, past=home)

    def _close(self) -> None:
        """Let go of the state; the snapshot closes with the last request that holds it."""
        if "_own_state" in vars(self):
            self._own_state.close()

    @property
    def _answering(self) -> Services:
        """Those that answer the current reader: these, or those of a kept snapshot as it was.

        Raises
        ------
        PastGoneError
            The kept snapshot cannot be shown anymore.
        """
        reader = reader_now()
        if reader is None or not reader.past or self._past is None:
            return self
        return self._past.open(reader.past)

    @property
    def settings(self) -> Settings:
        """The settings, whose home is that of the snapshot that is shown."""
        return self._answering._settings

    @property
    def own_settings(self) -> Settings:
        """The settings of today, also where a snapshot is shown as it was."""
        return self._settings

    @property
    def warehouse(self) -> Warehouse:
        """The snapshots that the reader may choose among."""
        return self._answering._warehouse

    @property
    def past(self) -> PastHome | None:
        """The kept snapshot that the current reader sees as it was; None for what is served."""
        return self._answering._past_home

    def pin(self) -> Pinned | None:
        """What the current reader may see of the snapshot served now; None in an empty warehouse.

        An older one stays open for requests that hold it and closes with the last of them.

        Raises
        ------
        IntegrityError
            The pointer cannot be read, the snapshot has another schema version, or it is damaged
            and no earlier one is intact.
        OutsideScopeError
            Nothing of it is within what the reader may see, or that cannot be told.
        NotSignedInError
            A web worker answers nobody.
        """
        answering = self._answering
        pinned, reader = answering._pin_whole(), answering._reader()
        if pinned is None or reader is None:
            return pinned
        try:
            restriction = restriction_of(reader, answering._settings)
        except InputError as error:
            raise OutsideScopeError(f"What you may see cannot be told. {error}") from error
        if not restriction:
            show_results(reader, EVERY)
            return pinned
        return answering._pin_scoped(pinned, reader, restriction)

    def _reader(self) -> Reader | None:
        """Who reads; nobody in a command, which the operating system guards."""
        return current_reader() if self._web else reader_now()

    def _pin_scoped(self, whole: Pinned, reader: Reader, restriction: Restriction) -> Pinned:
        def base() -> Base:
            return Base(whole.snapshot, whole.reader, whole.vocabulary, whole.targets)

        show_results(reader, NONE)
        scoped = self._scoped.open(base, whole.snapshot, restriction)
        scoped.warning = whole.warning
        show_results(reader, results_of(scoped.snapshot))
        return scoped

    def _open_scoped(self, snapshot: Snapshot) -> Pinned:
        guard = _ScopedGuard(self._scoped.forget)
        return Pinned(snapshot, self._settings, self.cache, guard, self.find_areas)

    def find_snapshot(self, snapshot_id: str) -> Snapshot:
        """A snapshot by id, which for a restricted reader is only the pinned one.

        Raises
        ------
        InputError
            There is none of this id.
        """
        pinned = self.pin()
        if pinned is not None and pinned.id == snapshot_id:
            return pinned.snapshot
        if pinned is None or not pinned.is_scoped:
            return self.warehouse.get(snapshot_id)
        raise InputError(f"Snapshot not found: {snapshot_id[:LONGEST_ID]!r}.")

    def _pin_whole(self) -> Pinned | None:
        if self._guard is None:
            current = self._warehouse.current()
            return None if current is None else self._open(Served(current))
        try:
            served = self._guard.served()
            return None if served is None else self._open(served)
        except DamagedError:  # the guard has been told and may already have an earlier snapshot
            served = self._guard.served()
            return None if served is None else self._open(served)

    def pin_calls(self) -> Calls | None:
        """Answers from the snapshot of calls served now; None where no calls were loaded.

        A reader of whole areas gets those of calls in them.

        Raises
        ------
        IntegrityError
            The pointer or the snapshot cannot be read.
        OutsideScopeError
            The current reader sees only some kinds of incidents, or no area tells which calls.
        UnavailableError
            What a reader of areas sees is not ready yet.
        """
        answering = self._answering
        if answering is not self:
            return answering.pin_calls()
        current = self._calls_warehouse.current()
        if current is None:
            return None
        require_version(current.manifest)
        asks = self._reader()
        if asks is not None and restriction_of(asks, self._settings).seen:
            return self._pin_calls_in_areas(current)
        with self._lock:
            if self._calls is None or self._calls.id != current.id:
                self._calls = Calls(self._calls_reader(current))
            return self._calls

    def _pin_calls_in_areas(self, current: Snapshot) -> Calls:
        pinned = self.pin()
        areas = None if pinned is None else results_of(pinned.snapshot).areas
        manifest = current.manifest
        levels = [level for level in AREA_LEVELS if level not in manifest.views_off]
        seen = None if areas is None else areas_of_calls(areas, levels)
        if pinned is None or seen is None:
            raise OutsideScopeError(
                "You may see only some of the incidents, and calls for service are not divided "
                "like them. Ask an administrator."
            )
        opened: dict[str, Calls] = pinned.get_or_compute("calls", dict)
        with self._lock:
            if current.id not in opened:
                opened.clear()
                reader = self._calls_reader(current, lambda root: narrow_calls(root, seen))
                opened[current.id] = Calls(reader, seen_manifest(reader))
            return opened[current.id]

    def _calls_reader(
        self, current: Snapshot, narrow: Callable[[DuckDBPyConnection], object] | None = None
    ) -> SnapshotReader:
        settings = self._settings
        return SnapshotReader(
            current,
            settings,
            settings.query_memory_limit if self._web else "",
            timeout_s=settings.query_timeout_s if self._web else None,
            sets_formats=False,
            narrow=narrow,
        )

    def _open(self, served: Served) -> Pinned:
        snapshot = served.snapshot
        if self._past_home is not None and snapshot.id != self._past_home.manifest.id:
            raise DamagedError(served.warning)  # an earlier one would not be what was known then
        with self._lock:
            if self._pinned is None or self._pinned.id != snapshot.id:
                try:
                    self._pinned = Pinned(
                        snapshot,
                        self._settings,
                        self.cache,
                        self._guard,
                        self.find_areas,
                        cluster=self._cluster,
                    )
                except DamagedError as error:
                    if self._guard is not None:
                        self._guard.report(snapshot.id, str(error))
                    raise
                self._earlier.drop(lambda _key: True)
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

    @property
    def state(self) -> State:
        """The state database: audit log, jobs, edits; of a snapshot as it was a copy to read."""
        return self._answering._own_state

    @property
    def selections(self) -> State:
        """The state database that keeps selections too long for an address."""
        return self._own_state

    @cached_property
    def _own_state(self) -> State:
        from analytics.state import State  # noqa: PLC0415 - SQLAlchemy loads with first use

        return State(self._settings, self._state_file, is_fixed=self._past_home is not None)

    def find_areas(self, ids: Collection[str]) -> Mapping[str, CustomArea]:
        """Custom areas by id: of the given ids those that the current reader may use."""
        from analytics.custom_areas import CustomAreaStore  # noqa: PLC0415 - as above

        return CustomAreaStore(self._own_state, self._settings).find(ids)

    def open_snapshot(self, snapshot: Snapshot) -> Pinned:
        """A snapshot by itself, such as one that a briefing cites."""
        of = self._answering
        return Pinned(snapshot, of._settings, of.cache, areas=of.find_areas)

    def pin_earlier(self, snapshot_id: str) -> Pinned:
        """A kept snapshot for later pages of an answer; a few stay open until another is served.

        Raises
        ------
        InputError
            It is kept no longer, or the reader sees only a part of the data and not of this one.
        """
        of, snapshot = self._answering, self.find_snapshot(snapshot_id)
        # A retraction writes a kept snapshot again under its id, with fewer incidents.
        key = (snapshot.id, snapshot.manifest.incidents)
        found: Pinned = of._earlier.get_or_compute(key, lambda: of._open_earlier(snapshot))
        return found

    def _open_earlier(self, snapshot: Snapshot) -> Pinned:
        self.cache.forget(snapshot.id)
        return Pinned(snapshot, self._settings, self.cache, self._guard, self.find_areas)

    def people(self) -> People:
        """Accounts."""
        from analytics.access.people import People  # noqa: PLC0415

        return People(self._own_state, self._settings)

    def sessions(self) -> Sessions:
        """Sessions of people who signed in."""
        from analytics.access.sessions import Sessions  # noqa: PLC0415

        return Sessions(self._own_state, self._settings)

    def tokens(self) -> ProgramTokens:
        """Tokens of programs."""
        from analytics.access.program_tokens import ProgramTokens  # noqa: PLC0415

        return ProgramTokens(self._own_state, self._settings)

    @cached_property
    def access_log(self) -> AccessLog:
        """Records who sees and takes what."""
        return AccessLog(lambda: self._own_state, self._settings)

    @property
    def state_trouble(self) -> str:
        """Why nothing can be saved, for readers; empty while it can."""
        of = self._answering
        return "" if of._settings.state_url else self.for_readers(of._state_file.trouble)

    @property
    def failing_feeds(self) -> tuple[str, ...]:
        """Names of live feeds that failed at their last run; none of kept data.

        Also none where that cannot be told, which is a trouble of the state database.
        """
        url, of = self._settings.state_url, self._answering
        if of._past_home is not None or not (url or self._state_file.path.exists()):
            return ()
        if not url and self._state_file.trouble:
            return ()
        try:
            return self._failing_feeds.names
        except PatrolIQError as error:
            _LOG.warning("whether feeds fail cannot be told: %s", error)
            return ()

    @cached_property
    def _failing_feeds(self) -> FailingFeeds:
        from analytics.sync.failing_feeds import FailingFeeds  # noqa: PLC0415 - loads SQLAlchemy

        return FailingFeeds(self._own_state)

    @property
    def pulled(self) -> Pulled | None:
        """What this machine pulled of another one that publishes; None where it publishes.

        Raises
        ------
        DamagedError
            The file that says so cannot be read.
        """
        return read_pulled(self._settings.home)

    @property
    def pull_trouble(self) -> str:
        """That newer snapshots do not arrive any more, for readers; empty while they do."""
        return self.for_readers(late_pull(self._settings.home))

    @property
    def audit_trouble(self) -> str:
        """Why accesses are not recorded, or the audit log does not match its anchor, for readers.

        Empty if all is well.
        """
        if self.access_log.trouble:
            return self.for_readers(self.access_log.trouble)
        trouble = "" if self._settings.state_url else self._state_file.trouble
        if trouble or not (self._settings.state_url or self._state_file.path.exists()):
            return ""
        from analytics.audit import Audit  # noqa: PLC0415 - SQLAlchemy loads with first use

        try:
            return self.for_readers(Audit(self._own_state, self._settings).fault())
        except PatrolIQError as error:
            return self.for_readers(error)

    def for_readers(self, message: object) -> str:
        """A message as pages and the API show it: files by their place in a folder.

        Only commands say where on the server folders are.
        """
        return without_folders(str(message), self._settings)


def _forgetting(services: Services) -> Callable[[str], None]:
    """A weak `services._forget`: the guard's thread must not keep the services alive."""
    method = weakref.WeakMethod(services._forget)

    def forget(snapshot_id: str) -> None:
        found = method()
        if found is not None:
            found(snapshot_id)

    return forget
