"""docs/performance.md: every section is written from stored figures, none by hand."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from bench import growth, ingest, report, soak
from bench.run import DEFAULTS
from tests import ROOT

PAGE = (ROOT / "docs" / "performance.md").read_text(encoding="utf-8")
MACHINE = {
    "cores": 2,
    "processor": "Test",
    "memory_gb": 4,
    "python": "3.11",
    "duckdb": "2",
    "polars": "2",
    "pandas": "3",
    "load_before": 0.1,
    "measured": "2026-11-21T10:00+00:00",
}


def size(incidents: int, ms: float) -> dict[str, Any]:
    memory = {"own_mib": 100.0, "shared_mib": 50.0, "resident_mib": 150.0}
    return {
        "incidents": incidents,
        "rows": [
            {"state": state, "median_ms": ms * (at + 1), "p95_ms": ms * (at + 2)}
            for at, state in enumerate(growth.DRAWN)
        ],
        "memory": {**dict.fromkeys(("empty", "states", "gestures"), memory), "duckdb_mib": 20.0},
        "code_bytes": {"type.bin": 10 * incidents, "point.bin": 8 * incidents},
    }


GROWTH = {
    "machine": MACHINE,
    "repetitions": 3,
    "sizes": [size(8_000_000, 5.0), size(32_000_000, 15.0)],
}


def section(name: str, page: str) -> str:
    found = re.search(rf"<!-- {name} -->\n(.*?)<!-- /{name} -->", page, re.DOTALL)
    assert found, name
    return found[1]


@pytest.mark.parametrize("name", DEFAULTS)
def test_every_benchmark_has_its_section(name: str) -> None:
    assert section(name, PAGE) is not None
    assert name in report.SECTIONS


def test_the_page_says_what_the_stored_figures_say() -> None:
    assert report.fill(PAGE, report.RESULTS) == PAGE


def test_growth_names_the_worst_factor_from_8_to_32_million() -> None:
    assert growth.growth_factors(GROWTH, 8_000_000, 32_000_000) == dict.fromkeys(growth.DRAWN, 3.0)
    assert growth.growth_factors(GROWTH, 500_000, 8_000_000) == {}
    text = "\n".join(report.growth(GROWTH))
    assert "at most 3.0 times" in text
    assert "| bytes per incident on disk: codes | 18.0 | 18.0 |" in text
    assert "| own, after all states | 100 | 100 |" in text


def test_the_same_figures_draw_the_same_chart(tmp_path: Path) -> None:
    for name in ("one.svg", "two.svg"):
        growth.draw(GROWTH, tmp_path / name)
    drawn = (tmp_path / "one.svg").read_text(encoding="utf-8")
    assert drawn == (tmp_path / "two.svg").read_text(encoding="utf-8")
    assert "million incidents" in drawn
    assert all(state in drawn for state in growth.DRAWN)


def test_ingest_lists_each_load_and_the_ratio() -> None:
    load = {"seconds": 2.0, "rows_per_s": 500, "peak_mb": 300}
    result = {
        "machine": MACHINE,
        "runs": [{"rows": 1000, "file_mb": 1, "raw load": load, "ingest": load, "times_raw": 4.5}],
    }
    text = "\n".join(report.ingest(result))
    assert text.count("| 1,000 | 1 |") == 2
    assert "4.5 (1,000 rows)" in text
    assert any("4.5 times" in line for line in ingest.lines(result))


def test_times_have_two_digits_where_they_are_short() -> None:
    assert [report.milliseconds(ms) for ms in (0.123, 4.56, 78.9, 1234.0)] == [
        "0.12",
        "4.6",
        "79",
        "1,234",
    ]


def test_stored_figures_are_small() -> None:
    for path in report.RESULTS.glob("*.json"):
        assert path.stat().st_size < 100_000, path.name
        assert json.loads(path.read_text(encoding="utf-8"))["machine"]["cores"]


def soaked(minute: int, web: list[int], mib: list[float]) -> dict[str, Any]:
    counted = ("requests", "errors", "web_threads", "web_files", "snapshot_s")
    held = ("median_ms", "p95_ms", "job_worker_mib", "jobs_mib", "home_mib")
    return {
        "minute": minute,
        **dict.fromkeys(counted, 7),
        **dict.fromkeys(held, 70.0),
        **dict.fromkeys(("job_worker_threads", "job_worker_files"), 4),
        "web": web,
        "web_mib": mib,
        "ready": "ready",
    }


def test_growth_of_a_soak_is_that_of_its_last_half() -> None:
    rows = [soaked(minute, [1, 2], [300.0, 300.0]) for minute in range(1, 5)]
    rows += [soaked(minute, [1, 2], [300.0 + 2 * minute, 310.0]) for minute in range(5, 9)]
    assert soak.growth_mib({"rows": rows}) == pytest.approx([2.0, 0.0])
    replaced = [*rows[:7], soaked(8, [1, 3], [316.0, 200.0])]
    assert soak.growth_mib({"rows": replaced}) == []


def test_a_soak_lists_minutes_and_names_what_was_lost() -> None:
    rows = [soaked(minute, [1, 2], [300.0, 301.0]) for minute in range(1, 61)]
    run = {"incidents": 500, "rows": rows, "sent": 6_000, "lost": 3, "failed_jobs": ["sync"]}
    result = {"machine": MACHINE, "minutes": 60, "analysts": 50, "workers": 2, "records": 100}
    text = "\n".join(report.soak({**result, "runs": [run]}))
    assert text.count("| 300 / 301 |") == 13
    assert "420 requests in 60 minutes, 420 errors" in text
    assert "3 were not found" in text
    assert "Failed jobs: sync." in text
