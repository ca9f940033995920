"""Concurrent analysts: gestures sent to gunicorn on loopback, two seconds apart."""

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
from bench.machine import in_child, machine
from bench.site_server import WORKERS, SiteServer

ANALYSTS = (1, 10, 50)
SECONDS = 30
THINKING_S = 2.0


def measure(
    sizes: Sequence[int], file: Path | None, source: str, seconds: int = SECONDS
) -> dict[str, Any]:
    """For each size and number of analysts: requests, errors, and percentiles in ms."""
    about = machine()
    runs = []
    for size in sizes:
        home = warehouse_of(size, file, source)
        pinned = Services(bench_settings(home)).pin()
        if pinned is None:
            raise FileNotFoundError(f"{home} holds no snapshot")
        choices = asdict(choices_of(pinned))
        with TemporaryDirectory() as folder, SiteServer(home).running() as server:
            known = Path(folder) / "choices.json"
            known.write_text(json.dumps(choices), encoding="utf-8")
            for analysts in ANALYSTS:
                arguments = (server.url, str(known), str(analysts), str(seconds))
                found = in_child("bench.analysts", *arguments, home=home)
                runs.append({"incidents": size, "analysts": analysts, **found})
    return {
        "machine": about,
        "workers": WORKERS,
        "seconds": seconds,
        "thinking_s": THINKING_S,
        "runs": runs,
    }


def lines(result: Mapping[str, Any]) -> list[str]:
    """The result as text."""
    return [
        f"{run['incidents']:,} incidents, {run['analysts']} analysts: {run['requests']} gestures, "
        f"{run['errors']} errors, {run['median_ms']:.0f} ms median, {run['p95_ms']:.0f} ms p95, "
        f"{run['p99_ms']:.0f} ms p99"
        for run in result["runs"]
    ]
