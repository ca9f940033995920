"""Goals of the cross-filter relative to its peers, and which of them are missed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from statistics import median
from typing import Any

SLOW_POLARS_MS, TIMES_SLOW_POLARS = 30, 3
SLOW_SQL_MS, TIMES_SLOW_SQL = 100, 10
MOSAIC_WARM_MS, WITH_HARM = 11, 1.4  # the product sums a third measure, Mosaic's figure has two
SWITCHING, MOSAIC_SWITCHING_MS, TIMES_SWITCHING = "clicks in a different view each time", 190, 10
CACHE_MS = 1


def machine_scale(ratios: Sequence[Mapping[str, Any]]) -> float:
    """Ratio of this machine's SQL time to the published one: median over published states."""
    scales = [entry["machine_scale"] for entry in ratios if "machine_scale" in entry]
    return float(median(scales)) if scales else 1.0


def misses(result: Mapping[str, Any]) -> list[str]:
    """A sentence for each missed goal, with the factor; empty if all are met."""
    scale = machine_scale(result["ratios"])
    found = []
    for entry in result["ratios"]:
        state = entry["state"]
        times = {row["engine"]: row["median_ms"] for row in result["rows"] if row["state"] == state}
        for goal, limit in _limits(state, times, scale):
            if times["patroliq"] > limit:
                over = times["patroliq"] / limit
                found.append(
                    f"{state}: {times['patroliq']:.1f} ms, {over:.1f} times the {limit:.1f} ms of "
                    f"{goal}"
                )
        if times["cache"] > CACHE_MS:
            found.append(f"{state}: {times['cache']:.2f} ms from cache")
    return found


def _limits(state: str, times: Mapping[str, float], scale: float) -> Iterator[tuple[str, float]]:
    if times["polars"] > SLOW_POLARS_MS:
        yield f"a {TIMES_SLOW_POLARS}rd of Polars' time", times["polars"] / TIMES_SLOW_POLARS
    else:
        yield "Polars", times["polars"]
    if times["sql"] > SLOW_SQL_MS:
        yield f"a {TIMES_SLOW_SQL}th of SQL's time", times["sql"] / TIMES_SLOW_SQL
    if state == SWITCHING:
        limit = MOSAIC_SWITCHING_MS * scale / TIMES_SWITCHING
        yield f"a {TIMES_SWITCHING}th of Mosaic's {MOSAIC_SWITCHING_MS} ms, scaled", limit
    yield "Mosaic's warm time with a third measure, scaled", MOSAIC_WARM_MS * scale * WITH_HARM
