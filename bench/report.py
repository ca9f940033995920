"""Fill docs/performance.md from the stored figures: no number in it is typed by hand."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.machine import ROOT

RESULTS = ROOT / "bench" / "results"
PAGE = ROOT / "docs" / "performance.md"
Found = Mapping[str, Any]


def table(heads: Sequence[str], rows: Sequence[Sequence[Any]]) -> list[str]:
    """A Markdown table; numbers are written with thousands separators."""
    lines = [f"| {' | '.join(heads)} |", f"| {' | '.join(['---'] * len(heads))} |"]
    return lines + [f"| {' | '.join(_cell(cell) for cell in row)} |" for row in rows]


def milliseconds(value: float) -> str:
    """Two significant digits below 10 ms, whole milliseconds above."""
    return f"{value:,.0f}" if value >= 10 else f"{value:.1f}" if value >= 1 else f"{value:.2f}"


def _cell(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return "–" if value is None else str(value)
    return f"{value:,}" if isinstance(value, int) else f"{value:,.1f}"


def measured_on(result: Found) -> str:
    about = result["machine"]
    return (
        f"Measured {about['measured'][:10]} on {about['cores']} cores ({about['processor']}, "
        f"{about['memory_gb']} GB), Python {about['python']}, DuckDB {about['duckdb']}, "
        f"Polars {about['polars']}, pandas {about['pandas']}; load before the run "
        f"{about['load_before']}."
    )


def crossfilter(result: Found) -> list[str]:
    """Times per state and engine, ratios, first answers."""
    rows, ratios = result["rows"], {entry["state"]: entry for entry in result["ratios"]}
    engines = list(dict.fromkeys(row["engine"] for row in rows))
    times = {(row["state"], row["engine"]): row for row in rows}
    body = [[state, *(_pair(times.get((state, engine))) for engine in engines)] for state in ratios]
    factors = [
        [
            state,
            *(
                f"{entry[f'times_{name}']:.1f}"
                for name in ("sql", "sql on codes", "polars", "pandas")
            ),
            entry.get("machine_scale"),
            entry.get("mosaic_scaled_ms"),
            entry.get("mosaic_warm_scaled_ms"),
        ]
        for state, entry in ratios.items()
    ]
    heads = ["state", "sql", "sql on codes", "polars", "pandas"]
    heads += ["machine scale", "Mosaic, scaled ms", "Mosaic warm, scaled ms"]
    lines = [
        f"{result['incidents']:,} incidents; {result['repetitions']} repetitions of each state, "
        "median / 95th percentile in ms.",
        "",
        *table(["state", *engines], body),
        "",
        "How many times the product's median each peer takes, and Mosaic's published time on this "
        "machine:",
        "",
        *table(heads, factors),
    ]
    first = result.get("first_answers")
    if first:
        names = list(first["kernels_on_disk"])
        lines += [
            "",
            "First answers of a fresh process in ms, with no kernel on disk and with those kept "
            "at publish:",
            "",
            *table(
                ["answer", *(name.replace("_", " ") for name in first)],
                [[name, *(found[name] for found in first.values())] for name in names],
            ),
        ]
    return [*lines, "", measured_on(result)]


def _pair(row: Found | None) -> str:
    if row is None:
        return "–"
    return f"{milliseconds(row['median_ms'])} / {milliseconds(row['p95_ms'])}"


SECTIONS: dict[str, Callable[[Found], list[str]]] = {"crossfilter": crossfilter}


def fill(page: str, results: Path) -> str:
    """The page with each section that has stored figures written anew."""
    for name, section in SECTIONS.items():
        path = results / f"{name}.json"
        if not path.exists():
            continue
        body = "\n".join(section(json.loads(path.read_text(encoding="utf-8"))))
        pattern = rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)"
        around = re.search(pattern, page, flags=re.S)
        if around:
            new = f"{around[1]}\n{body}\n\n{around[2]}"
            page = page[: around.start()] + new + page[around.end() :]
    return page


def main() -> None:
    PAGE.write_text(fill(PAGE.read_text(encoding="utf-8"), RESULTS), encoding="utf-8")


if __name__ == "__main__":
    main()
