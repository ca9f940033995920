"""Time and memory of one worker as the warehouse grows."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from analytics.services import Services
from bench.clicks import choices_of
from bench.data import bench_settings, warehouse_of
from bench.machine import ROOT, in_child, machine
from bench.states import SnapshotValues

REPETITIONS = 11
CHART = ROOT / "docs" / "images" / "growth.svg"
DRAWN = (
    "first load, six views",
    "three types chosen, never seen",
    "+ other hours",
    "+ window moving",
    "polygon",
    "many clauses",
)


def measure(sizes: Sequence[int], file: Path | None, source: str) -> dict[str, Any]:
    """For each size: times by state, memory of a worker in MiB, bytes of the snapshot's files."""
    about = machine()
    found = [_worker(warehouse_of(size, file, source)) for size in sorted(sizes)]
    return {"machine": about, "repetitions": REPETITIONS, "sizes": found}


def _worker(home: Path) -> Any:
    """Measure a worker; values to choose from are read here, outside the worker's memory."""
    served = Services(bench_settings(home)).pin()
    if served is None:
        raise FileNotFoundError(f"{home} holds no snapshot")
    with TemporaryDirectory() as folder:
        known = Path(folder)
        values, choices = asdict(SnapshotValues.of(served.reader)), asdict(choices_of(served))
        (known / "values.json").write_text(json.dumps(values, default=str), encoding="utf-8")
        (known / "choices.json").write_text(json.dumps(choices), encoding="utf-8")
        served.reader.close()
        return in_child("bench.worker", str(REPETITIONS), folder, home=home)


def growth_factors(result: Mapping[str, Any], smaller: int, larger: int) -> dict[str, float]:
    """Ratio of the larger size's time to the smaller's, by state; empty if a size is missing."""
    times = {
        size["incidents"]: {row["state"]: row["median_ms"] for row in size["rows"]}
        for size in result["sizes"]
    }
    if smaller not in times or larger not in times:
        return {}
    return {state: round(times[larger][state] / ms, 1) for state, ms in times[smaller].items()}


def lines(result: Mapping[str, Any]) -> list[str]:
    """The result as text."""
    sizes = result["sizes"]
    listed = ["median ms" + " " * 29 + "".join(f"{size['incidents']:>13,}" for size in sizes)]
    for at, row in enumerate(sizes[0]["rows"]):
        medians = "".join(f"{size['rows'][at]['median_ms']:13.1f}" for size in sizes)
        listed.append(f"{row['state']:38}{medians}")
    for moment in ("empty", "states", "gestures"):
        own = "".join(f"{size['memory'][moment]['own_mib']:13.0f}" for size in sizes)
        listed.append(f"{f'own memory after {moment}, MiB':38}{own}")
    duckdb = "".join(f"{size['memory']['duckdb_mib']:13.0f}" for size in sizes)
    listed.append(f"{'of it DuckDB, MiB':38}{duckdb}")
    shared = "".join(f"{size['memory']['gestures']['shared_mib']:13.0f}" for size in sizes)
    listed.append(f"{'mapped from the snapshot, MiB':38}{shared}")
    return listed


def draw(result: Mapping[str, Any], path: Path = CHART) -> None:
    """Draw the median times over the number of incidents, with logarithmic axes."""
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams["svg.hashsalt"] = "patroliq"  # so that the same data gives the same file
    mpl.rcParams["svg.fonttype"] = "none"
    from matplotlib import pyplot
    from matplotlib.ticker import FuncFormatter

    figure, axes = pyplot.subplots(figsize=(8, 4.5), layout="constrained")
    millions = [size["incidents"] / 1e6 for size in result["sizes"]]
    for state in DRAWN:
        times = [
            row["median_ms"]
            for size in result["sizes"]
            for row in size["rows"]
            if row["state"] == state
        ]
        axes.plot(millions, times, marker="o", markersize=4, linewidth=1.5, label=state)
    axes.set(xscale="log", yscale="log", xticks=millions)
    plain = FuncFormatter(lambda value, _at: f"{value:g}")
    axes.xaxis.set_major_formatter(plain)
    axes.yaxis.set_major_formatter(plain)
    axes.minorticks_off()
    axes.set_xlabel("million incidents")
    axes.set_ylabel("median ms, six views")
    axes.grid(visible=True, color="#dddddd", linewidth=0.6)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, fontsize=8)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, metadata={"Date": None, "Creator": None})
    pyplot.close(figure)
