"""A run: search each kind for candidate series and store them as proposals."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import date, timedelta
from typing import Any

from analytics.artifacts.targets import ModelTarget
from analytics.series.run_results import Proposals
from analytics.series.search import NothingFound, SeriesSearch, search_series
from analytics.series.series_evaluation import STEP_DAYS, ends_before, evaluate_areas
from analytics.series.series_source import SeriesSource
from analytics.series.stored_series import SeriesRun, StoredSeries

TESTED_RUNS = 6
"""Days up to which series are sought again to test predicted areas, four weeks apart."""

Advance = Callable[[str, float], None]


def propose_series(
    source: SeriesSource,
    stored: StoredSeries,
    offenders: Mapping[str, str],
    names: Sequence[str] = (),
    advance: Advance = lambda _what, _share: None,
) -> dict[str, tuple[SeriesSearch, Proposals]]:
    """Search kinds and store what is found, kind by kind; killed, it leaves whole kinds.

    Parameters
    ----------
    offenders
        Of solved cases, by id of the incident.

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
    done, before = {}, stored.runs()
    for number, kind in enumerate(kinds):
        advance(kind.title, number / len(kinds))
        solved = source.solved(kind, offenders)
        search = search_series(source.newest(kind, last), source.fields, last, solved)
        areas = _areas(source, kind, last, before.get(kind.name))
        result = {**run_result(kind, search), "areas": areas}
        counts = stored.store(kind.name, search.found, result, source.id)
        done[kind.name] = search, counts
    return done


def _areas(
    source: SeriesSource, kind: ModelTarget, last: date, before: SeriesRun | None
) -> Mapping[str, Any]:
    """How often areas were right on the last half year; that of a run before, if it is not old."""
    ends = ends_before(last, TESTED_RUNS)
    known = before.result.get("areas") if before else None
    if known and date.fromisoformat(known["last"]) > ends[-1] - timedelta(days=STEP_DAYS):
        found: Mapping[str, Any] = known
        return found
    return evaluate_areas(source, kind, ends).as_json()


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
        "left_out": search.left_out,
        "trouble": search.trouble and str(search.trouble),
        "model": fitted and fitted.model.as_json(),
        "solved": search.solved,
        "held_out": search.held_out and asdict(search.held_out),
    }
