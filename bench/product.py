"""The product's cross-filter as in a web worker, ready to be measured."""

from __future__ import annotations

from pathlib import Path

from analytics.crossfilter import compiled
from analytics.crossfilter.crossfilter import CrossFilter
from analytics.services import Pinned, Services
from bench.data import bench_settings


def pinned(home: Path, cache_mb: int = 64) -> Pinned:
    """The pinned snapshot of a worker, with the compiled scan loaded.

    Raises
    ------
    FileNotFoundError
        The home folder has no snapshot.
    """
    compiled.load()
    found = Services(bench_settings(home, cache_mb=cache_mb)).pin()
    if found is None:
        raise FileNotFoundError(f"{home} holds no snapshot")
    return found


def uncached(of: Pinned) -> CrossFilter:
    """The cross-filter behind the result cache."""
    inner: CrossFilter = getattr(of.crossfilter, "_inner", of.crossfilter)
    return inner


def engine_name(of: Pinned) -> str:
    """Class name of the implementation that answers."""
    inner = uncached(of)
    return type(getattr(inner, "engine", inner)).__name__
