"""The curve of a soak: what processes held, and how long analysts waited, minute by minute."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bench.machine import ROOT

CHART = ROOT / "docs" / "images" / "soak.svg"


def draw(result: Mapping[str, Any], path: Path = CHART) -> None:
    """Draw the first run of a result."""
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams["svg.hashsalt"] = "patroliq"  # so that the same data gives the same file
    mpl.rcParams["svg.fonttype"] = "none"
    from matplotlib import pyplot

    rows = result["runs"][0]["rows"]
    minutes = [row["minute"] for row in rows]
    figure, (memory, waits) = pyplot.subplots(
        2, figsize=(8, 5.5), layout="constrained", sharex=True
    )
    for at in range(min(len(row["web_mib"]) for row in rows)):
        held = [row["web_mib"][at] for row in rows]
        memory.plot(minutes, held, linewidth=1.5, label=f"web worker {at + 1}")
    memory.plot(minutes, [row["job_worker_mib"] for row in rows], label="job worker")
    memory.plot(
        minutes, [row["jobs_mib"] for row in rows], linewidth=0.8, label="its jobs, at most"
    )
    memory.set_ylabel("private memory, MiB")
    waits.plot(minutes, [row["p95_ms"] for row in rows], label="95th percentile")
    waits.plot(minutes, [row["median_ms"] for row in rows], label="median")
    waits.set(yscale="log", xlabel="minute", ylabel="answer, ms")
    memory.set_ylim(bottom=0)
    for axes in (memory, waits):
        axes.grid(visible=True, color="#dddddd", linewidth=0.6)
        axes.spines[["top", "right"]].set_visible(False)
        axes.legend(frameon=False, fontsize=8)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, metadata={"Date": None, "Creator": None})
    pyplot.close(figure)
