"""A cross-filter that uses the compiled scan when it can, and SQL otherwise."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence

import polars as pl

from analytics.crossfilter import compiled
from analytics.crossfilter.code_files import CodeFiles
from analytics.crossfilter.code_scan import ElsewhereSums, nowhere_else
from analytics.crossfilter.crossfilter import CrossFilter
from analytics.crossfilter.nights import DayClock
from analytics.crossfilter.scan_crossfilter import ScanCrossFilter
from analytics.crossfilter.scope import Scope
from analytics.crossfilter.selection import Selection
from analytics.crossfilter.sql_crossfilter import SqlCrossFilter
from analytics.crossfilter.views import View
from analytics.incidents.reader import SnapshotReader

_LOG = logging.getLogger(__name__)


class FastCrossFilter(CrossFilter):
    """Chooses for every request, so that a worker can answer before its scan is loaded."""

    def __init__(
        self,
        reader: SnapshotReader,
        threads: int,
        codes_are_intact: Callable[[], bool] = lambda: True,
        elsewhere: ElsewhereSums = nowhere_else,
    ) -> None:
        """`codes_are_intact` says whether the codes match their checksums, so the scan may run.

        `elsewhere` may add up scans on other machines.
        """
        super().__init__(DayClock.of(reader.snapshot.manifest))
        self._reader = reader
        self._threads = threads
        self._sql = SqlCrossFilter(reader)
        self._lock = threading.Lock()
        self._scan: ScanCrossFilter | None = None
        self._without_codes = False
        self._codes_are_whole = codes_are_intact
        self._elsewhere = elsewhere

    @property
    def engine(self) -> CrossFilter:
        """The implementation for the next request."""
        module = compiled.loaded()
        if module is None or self._without_codes or not self._codes_are_whole():
            return self._sql
        with self._lock:
            if self._scan is None:
                try:
                    files = CodeFiles(self._reader.snapshot)
                    self._scan = ScanCrossFilter(
                        self._reader, files, module, self._threads, self._elsewhere
                    )
                except (OSError, EOFError, ValueError, KeyError, TypeError) as error:
                    self._without_codes = True
                    _LOG.warning(
                        "snapshot %s is answered with SQL, its codes cannot be used: %s",
                        self._reader.snapshot.id,
                        error,
                    )
                    return self._sql
            return self._scan

    def _counts(
        self, scope: Scope, selection: Selection, views: Sequence[View]
    ) -> dict[str, pl.DataFrame]:
        engine = self.engine
        if isinstance(engine, ScanCrossFilter) and not engine.has_codes(scope, selection, views):
            engine = self._sql
        return engine.counts(scope, selection, views)
