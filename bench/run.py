"""Run one benchmark by name, and store its result as JSON."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from bench.data import bench_folder

DEFAULTS: dict[str, tuple[int, ...]] = {
    "crossfilter": (8_000_000,),
    "growth": (500_000, 2_000_000, 8_000_000, 32_000_000),
    "browser": (500_000, 8_000_000),
    "users": (500_000,),
    "ingest": (1_000_000, 4_000_000),
    "small_loads": (1_300_000, 8_000_000),
    "live": (1_300_000, 8_000_000),
    "sync_hour": (1_300_000,),
    "start": (500_000,),
    "training": (500_000,),
    "pages": (500_000,),
    "first_visit": (20_000,),
    "visits": (500_000,),
    "calls": (1_200_000,),
    "patrol": (),
    "audit": (500_000,),
    "scopes": (100_000,),
    "memory": (500_000,),
    "soak": (500_000,),
    "browser_mosaic": (500_000, 8_000_000),
    "cluster": (1_300_000, 8_000_000, 32_000_000, 100_000_000),
}
LONG = ("soak",)
"""Those that only run where they are named."""
TRACED: dict[str, str] = {"browser": "browser_trace"}
"""Benchmarks that can also be traced → the module that does so."""


def measure(
    name: str,
    incidents: Sequence[int] = (),
    file: Path | None = None,
    source: str = "chicago",
    store: Path | None = None,
    **options: Any,
) -> dict[str, Any]:
    """Run a benchmark; its result is also written to `<name>.json` in `store`.

    `options` are further ones that this benchmark takes.
    """
    sizes = tuple(incidents) or DEFAULTS[name]
    result: dict[str, Any] = import_module(f"bench.{name}").measure(sizes, file, source, **options)
    folder = store or bench_folder() / "results"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.json"
    path.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"Stored in {path}", file=sys.stderr)
    return result


def trace(
    name: str, incidents: Sequence[int] = (), file: Path | None = None, source: str = "chicago"
) -> list[str]:
    """Run a traced benchmark; returns its result as text.

    Raises
    ------
    KeyError
        The benchmark cannot be traced.
    """
    module = import_module(f"bench.{TRACED[name]}")
    found: list[str] = module.lines(
        module.measure(tuple(incidents) or DEFAULTS[name][-1:], file, source)
    )
    return found


def lines(name: str, result: Mapping[str, Any]) -> list[str]:
    """A result as text."""
    found: list[str] = import_module(f"bench.{name}").lines(result)
    return found
