"""A run: search each kind for candidate series and store them as proposals."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import polars as pl

from analytics.artifacts.targets import ModelTarget, Targets
from analytics.incidents.manifest import Manifest
from analytics.incidents.reader import SnapshotReader
from analytics.series.compared_incidents import fields_of, kind_incidents
from analytics.series.run_results import Proposals
from analytics.series.search import DAYS_BACK, NothingFound, SeriesSearch, search_series
from analytics.series.stored_series import StoredSeries

KINDS = ("burglary", "robbery", "vehicle_theft", "gun_violence")
"""Targets among which series are sought unless others are named."""
Advance = Callable[[str, float], None]


@dataclass(frozen=True, eq=False)
class SeriesSource:
    """The data that series are sought in: one snapshot, as a command reads it."""

    reader: SnapshotReader
    targets: Targets

    @property
    def manifest(self) -> Manifest:
        return self.reader.snapshot.manifest

    @property
    def id(self) -> str:
        """Of the snapshot."""
        return self.reader.snapshot.id

    @property
    def lack(self) -> NothingFound | None:
        """What the data lacks for a search."""
        if self.manifest.months_only or self.manifest.last_complete_day is None:
            return NothingFound.NO_DAYS
        return NothingFound.NO_PLACES if "cell" in self.manifest.views_off else None

    def kinds(self, names: Sequence[str] = ()) -> list[ModelTarget]:
        """The named targets, or those of `KINDS` that the data has.

        Raises
        ------
        InputError
            A name is not one of a target.
        """
        if names:
            return [self.targets.find(name) for name in names]
        return [self.targets.offered[name] for name in KINDS if name in self.targets.offered]

    def newest(self, kind: ModelTarget, last: date) -> pl.DataFrame:
        """Incidents of a kind up to a day, as far back as they are compared."""
        first = last - timedelta(days=DAYS_BACK - 1)
        return kind_incidents(self.reader, kind.selection, first, last)


def propose_series(
    source: SeriesSource,
    stored: StoredSeries,
    names: Sequence[str] = (),
    advance: Advance = lambda _what, _share: None,
) -> dict[str, tuple[SeriesSearch, Proposals]]:
    """Search kinds and store what is found, kind by kind; killed, it leaves whole kinds.

    Raises
    ------
    InputError
        A name is not one of a target.
    """
    kinds, last = source.kinds(names), source.manifest.last_complete_day
    lack = source.lack or (None if kinds else NothingFound.NO_KINDS)
    if lack is not None or last is None:
        stored.store("", (), {"trouble": lack, "title": "", "model": None}, source.id)
        return {}
    done = {}
    for number, kind in enumerate(kinds):
        advance(kind.title, number / len(kinds))
        search = search_series(source.newest(kind, last), fields_of(source.manifest), last)
        counts = stored.store(kind.name, search.found, run_result(kind, search), source.id)
        done[kind.name] = search, counts
    return done


def run_result(kind: ModelTarget, search: SeriesSearch) -> Mapping[str, Any]:
    """What is stored of a search, besides the series."""
    fitted = search.fitted
    return {
        "title": kind.title,
        "selection": kind.selection.text,
        "first": search.first.isoformat(),
        "last": search.last.isoformat(),
        "incidents": search.incidents,
        "pairs": search.pairs,
        "linked": fitted and fitted.linked,
        "p": search.p,
        "found": len(search.found),
        "tested": search.tested,
        "by_chance": search.by_chance,
        "trouble": search.trouble and str(search.trouble),
        "model": fitted and fitted.model.as_json(),
    }
