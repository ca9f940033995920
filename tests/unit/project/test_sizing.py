"""The sizing table has the measured figures of `bench/results`, and no others."""

from __future__ import annotations

import json
import re
from typing import Any

from tests import ROOT

TEXT = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
SECTION = TEXT.partition("## Sizing\n")[2].partition("\n## ")[0]


def results(name: str) -> Any:
    return json.loads((ROOT / "bench" / "results" / f"{name}.json").read_text(encoding="utf-8"))


def table(first: str) -> list[list[str]]:
    """Cells of the rows of the table whose heading begins so."""
    text = SECTION.partition(f"| {first} |")[2].partition("\n\n")[0]
    return [line.strip("| ").split(" | ") for line in text.splitlines()[2:]]


def test_memory_and_disk_are_those_measured() -> None:
    expected = []
    for size in results("growth")["sizes"]:
        used = size["memory"]["gestures"]
        disk = size["database_bytes"] + sum(size["code_bytes"].values())
        both = 2 * used["own_mib"] + used["shared_mib"]
        figures = [disk / 1e9, used["own_mib"], used["shared_mib"], both]
        texts = [f"{figures[0]:.2f}", *(f"{one:,.0f}" for one in figures[1:])]
        expected.append([f"{size['incidents']:,}", *texts, f"{size['gesture_median_ms']:.0f}"])
    assert table("incidents") == expected


def test_loads_and_trainings_are_those_measured() -> None:
    expected = [
        [f"{run['rows']:,}", f"{run['file_mb']:,}"]
        + [f"{run[name][key]:,.{digits}f}" for name in ("ingest", "ingest, 512MB")
           for key, digits in (("seconds", 1), ("peak_mb", 0))]
        for run in results("ingest")["runs"]
    ]  # fmt: skip
    assert table("rows of a load") == expected


def test_the_other_figures_are_those_measured() -> None:
    (training,) = results("training")["runs"]
    (memory,) = results("memory")["runs"]
    users = max(results("users")["runs"], key=lambda run: run["analysts"])
    figures = {
        f"{max(one['peak_mb'] for one in training['models'].values()):,} MB",
        f"{max(one['added_mb'] for one in memory['cases']):.0f} MB",
        f"{users['analysts']} analysts",
        f"{users['per_second']} gestures a second",
        f"{users['p95_ms']:.0f} ms",
    }
    assert {one for one in figures if one not in SECTION} == set()
    assert set(re.findall(r"performance\.md#([\w-]+)", SECTION)) >= {"growth", "ingest", "training"}
