"""Write the tables of docs/performance.md from stored results; no number is typed by hand."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from analytics.crossfilter.code_sums import BLOCK_ROWS
from bench.calls import GOAL_MS as CALLS_GOAL_MS
from bench.cluster import MACHINES, SIMULATED, pays_from, simulated_ms
from bench.goals import machine_scale, misses
from bench.growth import draw, growth_factors
from bench.machine import ROOT
from bench.pages import GOAL_MS, slow
from bench.soak import growth_mib
from bench.soak_chart import draw as draw_soak
from bench.start import MOMENTS
from bench.training import (
    GOAL_MB,
    GOALS_S,
    ZONES_AND_FORECAST_S,
    zones_and_forecast,
)

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
        "Each peer's median relative to the product's, and Mosaic's published time scaled to this "
        "machine:",
        "",
        *table(heads, factors),
        "",
        *_goals(result),
    ]
    first = result.get("first_answers")
    if first:
        names = list(first["kernels_on_disk"])
        lines += [
            "",
            "First answers of a new process in ms, without kernels on disk and with those stored "
            "at ingest:",
            "",
            *table(
                ["answer", *(name.replace("_", " ") for name in first)],
                [[name, *(found[name] for found in first.values())] for name in names],
            ),
        ]
    return [*lines, "", measured_on(result)]


def _goals(result: Found) -> list[str]:
    missed = misses(result)
    scale = f"{machine_scale(result['ratios']):.2f}"
    if not missed:
        return [f"All goals are met; SQL takes {scale} times its published time here."]
    lines = [f"Goals missed (SQL takes {scale} times its published time here):", ""]
    return lines + [f"- {sentence}" for sentence in missed]


def _pair(row: Found | None) -> str:
    if row is None:
        return "–"
    return f"{milliseconds(row['median_ms'])} / {milliseconds(row['p95_ms'])}"


def growth(result: Found) -> list[str]:
    """Times and memory by size."""
    sizes = result["sizes"]
    heads = ["", *(f"{size['incidents']:,}" for size in sizes)]
    body = [
        [row["state"], *(_pair(size["rows"][at]) for size in sizes)]
        for at, row in enumerate(sizes[0]["rows"])
    ]
    memory = [
        [said, *(f"{size['memory'][moment][kind]:,.0f}" for size in sizes)]
        for said, moment, kind in (
            ("own, before the first request", "empty", "own_mib"),
            ("own, after all states", "states", "own_mib"),
            ("own, after 30 gestures on the page", "gestures", "own_mib"),
            ("mapped from the snapshot, shared by all workers", "gestures", "shared_mib"),
        )
    ]
    memory.insert(
        3,
        [
            "of it held by DuckDB, below `PATROLIQ_QUERY_MEMORY_LIMIT`",
            *(f"{size['memory']['duckdb_mib']:,.0f}" for size in sizes),
        ],
    )
    disk = [
        "bytes per incident on disk: codes",
        *(f"{_code_bytes(size) / size['incidents']:.1f}" for size in sizes),
    ]
    lines = [
        f"Median / 95th percentile in ms of {result['repetitions']} new selections each:",
        "",
        *table(heads, body),
        "",
        "Resident memory of a worker in MiB:",
        "",
        *table(heads, [*memory, disk]),
        "",
    ]
    factors = growth_factors(result, 8_000_000, 32_000_000)
    if factors:
        state = max(factors, key=factors.__getitem__)
        lines += [f"From 8 to 32 million: at most {factors[state]:.1f} times ({state}).", ""]
    return [*lines, "![Growth](images/growth.svg)", "", measured_on(result)]


def _code_bytes(size: Found) -> int:
    return sum(size["code_bytes"].values())


def browser(result: Found) -> list[str]:
    """Parts of the time from click to paint, and kinds of gestures."""
    runs = result["runs"]
    heads = ["ms, median / 95th percentile", *(f"{run['incidents']:,}" for run in runs)]
    parts = [
        [said, *(_spread(run["parts"].get(part)) for run in runs)]
        for part, said in PART_WORDS.items()
        if any(part in run["parts"] for run in runs)
    ]
    kinds = [
        [f"gesture: {kind}", *(_spread(run["kinds"].get(kind)) for run in runs)]
        for kind in sorted(set().union(*(run["kinds"] for run in runs)))
    ]
    more = [
        ["engine, share of the time", *(f"{100 * run['engine_share']:.0f}%" for run in runs)],
        ["requests, median", *(f"{run['requests']['median']:.0f}" for run in runs)],
        ["bytes, median", *(f"{run['bytes']['median']:,.0f}" for run in runs)],
        ["gestures", *(run["gestures"] for run in runs)],
    ]
    return [*table(heads, [*parts, *more, *kinds]), "", measured_on(result)]


PART_WORDS = {
    "total": "click to paint",
    "complete": "click until the incidents, too, are painted",
    "input": "browser, until the request leaves",
    "engine": "engine: counts of all views",
    "rows": "the table's page of incidents",
    "server": "rest of the server",
    "network": "network and waiting for a worker",
    "render": "browser, from the answer to the paint",
}


def browser_mosaic(result: Found) -> list[str]:
    """Both pages by size, kind and turn; and Mosaic's gestures with and without cubes to build."""
    lines = [f"Mosaic's vgplot {result['mosaic']}; median / 95th percentile in ms.", ""]
    for run in result["runs"]:
        sides = [run["patroliq"], run["mosaic"]]
        body = [
            ["all", *(_spread(side[turn]) for side in sides for turn in ("first", "again"))],
            *(
                [kind, *(_spread(side["kinds"][kind][turn]) for side in sides for turn in found)]
                for kind, found in run["mosaic"]["kinds"].items()
            ),
        ]
        cubes, numbers = run["mosaic_cubes"], [run["mosaic"][turn] for turn in ("first", "again")]
        built = cubes["built"]["gestures"] if cubes["built"] else 0
        heads = ["gesture", "PatrolIQ, first", "again", "Mosaic, first", "again"]
        lines += [
            f"{run['incidents']:,} incidents, cells of {run['cell_m']} m, "
            f"{' and '.join(str(found['gestures']) for found in numbers)} gestures of Mosaic:",
            "",
            *table(heads, body),
            "",
            f"Mosaic with cubes to build ({built} gestures): {_spread(cubes['built'])}; with "
            f"existing ones: {_spread(cubes['existing'])}. Every bin of its plots was equal to "
            f"PatrolIQ's in all {run['checked']} states that were compared. Clicks that hit "
            f"nothing: {run['patroliq']['missed']} on Explore, {run['mosaic']['missed']} on "
            "Mosaic's page.",
            "",
        ]
    return [*lines, measured_on(result)]


def users(result: Found) -> list[str]:
    """Waiting times by number of analysts."""
    rows = [
        [
            *(run["incidents"], run["analysts"], run["requests"], run["per_second"]),
            run["errors"],
            *(milliseconds(run[name]) for name in ("median_ms", "p95_ms", "p99_ms")),
        ]
        for run in result["runs"]
    ]
    heads = ["incidents", "analysts", "gestures", "per second", "errors"]
    heads += ["median ms", "95th percentile", "99th percentile"]
    lines = [
        f"{result['workers']} workers, {result['thinking_s']:.0f} s between an answer and the next "
        f"gesture, {result['seconds']} s measured; the load is generated on the same cores.",
        "",
        *table(heads, rows),
    ]
    return [*lines, "", measured_on(result)]


def ingest(result: Found) -> list[str]:
    """Speed and memory of both loads."""
    rows = [
        [run["rows"], run["file_mb"], name, found["rows_per_s"], found["seconds"], found["peak_mb"]]
        for run in result["runs"]
        for name, found in run.items()
        if isinstance(found, Mapping)
    ]
    heads = ["rows", "file, MB", "load", "rows per second", "seconds", "peak memory, MB"]
    times = ", ".join(f"{run['times_raw']:.1f} ({run['rows']:,} rows)" for run in result["runs"])
    ratio = f"Time of ingest relative to the raw load: {times}."
    return [*table(heads, rows), "", ratio, "", measured_on(result)]


def small_loads(result: Found) -> list[str]:
    """Both ways to load a few new incidents."""
    rows = [
        [run["incidents"], way, run[way]["seconds"], run[way]["processor_s"]]
        for run in result["runs"]
        for way in ("amended", "complete")
    ]
    times = ", ".join(f"{run['times']:.1f} ({run['incidents']:,})" for run in result["runs"])
    ratio = f"Time of the complete derivation relative to the amendment: {times}."
    heads = ["incidents", "snapshot", "seconds", "processor seconds"]
    return [*table(heads, rows), "", ratio, "", measured_on(result)]


def live(result: Found) -> list[str]:
    """Seconds from a record to an answer that counts it."""
    rows = [
        [run["incidents"], round(1_000 * run["accepted_s"]), run["served_s"], run["longest_s"]]
        for run in result["runs"]
    ]
    heads = ["incidents", "on disk after, ms", "served after, s", "at most, s"]
    return [*table(heads, rows), "", measured_on(result)]


def sync_hour(result: Found) -> list[str]:
    """Processor, memory and disk of a sync a minute."""
    heads = ["incidents", "deleted", "syncs", "processor of a sync, s", "of its alerts, s"]
    heads += ["both at most, s", "memory at most, MB"]
    names = ("incidents", "deleted", "syncs", "sync_s", "alerts_s", "longest_s", "peak_mb")
    rows = [[run[name] for name in names] for run in result["runs"]]
    disk = [
        f"Disk with {run['deleted']} deleted each, MB: "
        + ", ".join(f"{number:,.0f}" for number in run["disk_mb"])
        + f"; after the compaction {run['disk_after_mb']:,.0f}. Folders of raw rows: "
        f"{run['folders']}, then {run['folders_after']}; it took {run['compaction_s']} s."
        for run in result["runs"]
    ]
    goal = f"The goal is {result['goal_s']:.0f} s of processor, a quarter of one core in a minute."
    texts = [text for line in (goal, *disk) for text in (line, "")]
    return [*table(heads, rows), "", *texts, measured_on(result)]


def start(result: Found) -> list[str]:
    """Medians of the starts."""
    runs = result["runs"]
    rows = [[said, *(run[name] for run in runs)] for name, said in MOMENTS.items()]
    heads = ["ms, median of five starts", *(f"{run['incidents']:,}" for run in runs)]
    return [*table(heads, rows), "", measured_on(result)]


def training(result: Found) -> list[str]:
    """Time and memory of each model, with its goal if there is one."""
    lines = []
    for run in result["runs"]:
        rows = [
            [
                f"`{name}`",
                *(round(found[key]) for key in ("seconds", "processor_s", "peak_mb")),
                GOALS_S.get(name),
            ]
            for name, found in run["models"].items()
        ]
        together = zones_and_forecast(run["models"])
        lines += [
            f"{run['incidents']:,} incidents:",
            "",
            *table(["model", "seconds", "processor", "peak memory, MB", "goal, seconds"], rows),
            "",
            f"All zones and the forecast, one after another: {together:.0f} s (goal: "
            f"{ZONES_AND_FORECAST_S} s). The goal for memory is {GOAL_MB:,} MB.",
            "",
        ]
    return [*lines, measured_on(result)]


def pages(result: Found) -> list[str]:
    """Time of each page's answers."""
    lines = []
    for run in result["runs"]:
        rows = [
            [
                row["page"],
                row["gesture"],
                *(milliseconds(row[name]) for name in ("first_ms", "median_ms", "p95_ms")),
                "" if row["stored"] else "computed",
            ]
            for row in run["rows"]
        ]
        heads = ["page", "gesture", "first", "median", "95th percentile", ""]
        lines += [f"{run['incidents']:,} incidents, ms:", "", *table(heads, rows), ""]
    late = slow(result)
    if late:
        lines += [f"Stored results that take over {GOAL_MS} ms at the 95th percentile:", ""]
        lines += [*(f"- {one}" for one in late), ""]
    else:
        lines += [f"Stored results take at most {GOAL_MS} ms at the 95th percentile.", ""]
    return [*lines, measured_on(result)]


def visits(result: Found) -> list[str]:
    """Times of a first and a later visit of each page, and its layout shift by screen."""
    lines = []
    for run in result["runs"]:
        screens = list(run["rows"][0]["shifts"])
        rows = [
            [
                row["page"],
                *(row["first"][name] for name in VISIT_MOMENTS),
                *(row["later"][name] for name in VISIT_MOMENTS),
                *(f"{row['shifts'][screen]:.3f}" for screen in screens),
            ]
            for row in run["rows"]
        ]
        heads = ["page", "first visit: first content, ms", "complete, ms"]
        heads += ["later: first content, ms", "complete, ms"]
        heads += [f"layout shift, {screen}" for screen in screens]
        lines += [f"{run['incidents']:,} incidents:", "", *table(heads, rows), ""]
    return [*lines, measured_on(result)]


VISIT_MOMENTS = ("first_content_ms", "complete_ms")


def first_visit(result: Found) -> list[str]:
    """What a first visit of each page transfers, and its times by line."""
    lines = []
    for run in result["runs"]:
        rows = [
            [
                *(row["page"], line, f"{row['transferred'] / 1e3:,.0f}", row["requests"]),
                *(f"{row[name]:,}" for name in VISIT_MOMENTS),
                f"{row['shift']:.3f}",
            ]
            for line, found in run["lines"].items()
            for row in found
        ]
        heads = [
            "page",
            "line",
            "kB",
            "requests",
            "first content, ms",
            "complete, ms",
            "layout shift",
        ]
        lines += [f"{run['incidents']:,} incidents:", "", *table(heads, rows), ""]
        lines += ["The largest answers, in kB:", ""]
        for row in next(iter(run["lines"].values())):
            named = (f"`{name}` {size / 1e3:,.0f}" for name, size in row["largest"])
            lines.append(f"- {row['page']}: {', '.join(named)}")
        lines.append("")
    return [*lines, measured_on(result)]


def patrol(result: Found) -> list[str]:
    """Share of the bound by instance and solver."""
    rows = [
        [
            *(row["instance"], row["solver"], row["repetitions"]),
            *(f"{row[name]:.3f}" for name in ("of_bound", "lowest")),
            f"{row['seconds']:.2f}",
        ]
        for row in result["rows"]
    ]
    heads = ["instance", "solver", "instances", "of the bound, mean", "lowest", "seconds, median"]
    missing = [f"Not installed: {', '.join(result['missing'])}.", ""] if result["missing"] else []
    return [*table(heads, rows), "", *missing, measured_on(result)]


def calls(result: Found) -> list[str]:
    """Milliseconds of each filter on Calls, and the filters beyond the goal."""
    lines = []
    for run in result["runs"]:
        rows = [
            [f"`{row['filter']}`", *(milliseconds(row[name]) for name in CALLS_TIMES)]
            for row in run["rows"]
        ]
        heads = ["filter", "processor, ms", "wall, ms"]
        over = [f"`{row['filter']}`" for row in run["rows"] if row["processor_ms"] > CALLS_GOAL_MS]
        told = f"Over it: {', '.join(over)}." if over else "All filters meet it."
        lines += [f"{run['calls']:,} calls; {result['repetitions']} repetitions, medians:", ""]
        lines += [*table(heads, rows), ""]
        lines += [f"The goal is {CALLS_GOAL_MS} ms of processor. {told}", ""]
    return [*lines, measured_on(result)]


CALLS_TIMES = ("processor_ms", "wall_ms")


def audit(result: Found) -> list[str]:
    """Milliseconds of each kind of request with and without the audit log."""
    heads = ["request", "without, ms", "with, ms", "times", "more, ms"]
    lines = []
    for run in result["runs"]:
        rows = [
            [
                row["request"],
                *(milliseconds(row[name]) for name in ("without_ms", "with_ms")),
                f"{row['ratio']:.2f}",
                f"{row['difference_ms']:.2f}",
            ]
            for row in run["rows"]
        ]
        over = [row["request"] for row in run["rows"] if row["difference_ms"] > result["goal_ms"]]
        told = f"Over it: {', '.join(over)}." if over else "All requests meet it."
        lines += [f"{run['incidents']:,} incidents; medians of {result['requests']} pairs:", ""]
        lines += [*table(heads, rows), ""]
        lines += [f"The goal is {result['goal_ms']:g} ms more. {told}", ""]
    return [*lines, measured_on(result)]


def scopes(result: Found) -> list[str]:
    """Milliseconds of a gesture for readers with scopes and without, and what scopes cost."""
    heads = ["incidents", "readers", "median, ms", "p95, ms"]
    lines: list[str] = []
    for run in result["runs"]:
        rows = [
            [f"{run['incidents']:,}", who, *(milliseconds(run[f"{group}_{at}_ms"]) for at in AT)]
            for group, who in (("all", "who see everything"), ("scoped", "with scopes"))
        ]
        lines += [*table(heads, rows), ""]
        lines += [
            f"The 95th percentile is {run['ratio']:.2f} times that without scopes; the goal is "
            f"{result['goal']:g}. {run['scopes']} scopes were made in {run['made_s']:.0f} s, the "
            f"longest in {run['longest_s']:.0f} s, and take {run['scoped_mb']:.0f} MB; the whole "
            f"snapshot takes {run['whole_mb']:.0f} MB.",
            "",
        ]
    return [*lines, measured_on(result)]


AT = ("median", "p95")


def _spread(found: Found | None) -> str:
    return f"{milliseconds(found['median'])} / {milliseconds(found['p95'])}" if found else "–"


def memory(result: Found) -> list[str]:
    """The requests that take most memory, and which exceed the goal."""
    lines = []
    for run in result["runs"]:
        cases = sorted(run["cases"], key=lambda case: -case["added_mb"])
        over = [case["name"] for case in cases if case["added_mb"] > result["goal_mb"]]
        told = f"Over it: {', '.join(over)}." if over else "No request exceeds it."
        rows = [
            [case["name"], case["before_mb"], case["added_mb"], case["bytes"] / 1e6, case["status"]]
            for case in cases[:MOST_LISTED]
        ]
        heads = ["request", "worker before, MB", "added at most, MB", "answer, MB", "status"]
        lines += [f"{run['incidents']:,} incidents, the first of {len(cases)} requests:", ""]
        lines += [*table(heads, rows), ""]
        lines += [f"The goal is at most {result['goal_mb']} MB added. {told}", ""]
    return [*lines, measured_on(result)]


def cluster(result: Found) -> list[str]:
    """One machine beside two workers, what their answers are made of, and more machines."""
    rows = [
        [
            size["incidents"],
            row["state"],
            f"{row['blocks'] * BLOCK_ROWS / 1e6:,.1f}",
            *(milliseconds(row[name]) for name in ("alone_ms", "together_ms", "scan_processor_ms")),
            milliseconds(row["round_trip_ms"][str(result["workers"])]),
            row["sent_kb"],
            row["answer_kb"],
        ]
        for size in result["sizes"]
        for row in size["rows"]
    ]
    heads = ["incidents", "state", "million read", "one process, ms", "two workers, ms"]
    heads += ["scan, ms of processor", "round trip alone, ms", "sent, kB", "an answer, kB"]
    return [
        f"Selections of each state: {result['steps']}. Medians of the fastest of "
        f"{result['tries']} times each:",
        "",
        *table(heads, rows),
        "",
        *_more_machines(result["sizes"][-1]),
        "",
        measured_on(result),
    ]


def _more_machines(size: Found) -> list[str]:
    measured, states = size["incidents"], size["rows"]

    def mean(incidents: int, machines: int) -> str:
        times = [simulated_ms(row, incidents, measured, machines) for row in states]
        return milliseconds(sum(times) / len(times))

    times = [
        [incidents, *(mean(incidents, machines) for machines in (1, *MACHINES))]
        for incidents in SIMULATED
    ]
    pays = []
    for machines in MACHINES:
        sizes, read = zip(*(pays_from(row, measured, machines) for row in states), strict=True)
        pays.append([machines, *(_millions(found) for found in (sizes, read))])
    return [
        f"Simulated from the parts measured at {measured:,} incidents, mean of the states, ms:",
        "",
        *table(["incidents", "one machine", *(f"{n} machines" for n in MACHINES)], times),
        "",
        "From what size on it pays, from the first to the last of the states:",
        "",
        *table(["machines", "incidents of the snapshot", "incidents that a scan reads"], pays),
    ]


def _millions(found: Sequence[int]) -> str:
    return f"{min(found) / 1e6:,.0f} to {max(found) / 1e6:,.0f} million"


MOST_LISTED = 12


def soak(result: Found) -> list[str]:
    """What a server under load held, by minute, and what came of it."""
    lines = []
    for run in result["runs"]:
        rows = run["rows"]
        step = max(1, round(len(rows) / MOST_MINUTES))
        listed = [row for row in rows if row["minute"] % step == 0 or row is rows[0]]
        body = [
            [
                *(row["minute"], row["requests"], row["errors"]),
                *(milliseconds(row[name]) for name in ("median_ms", "p95_ms")),
                " / ".join(f"{one:,.0f}" for one in row["web_mib"]),
                *(f"{row[name]:,.0f}" for name in ("job_worker_mib", "jobs_mib", "home_mib")),
                row["web_threads"] + row["job_worker_threads"],
                row["web_files"] + row["job_worker_files"],
                row["snapshot_s"],
            ]
            for row in listed
        ]
        lines += [
            f"{run['incidents']:,} incidents, {result['analysts']} analysts, {result['workers']} "
            f"web workers, {result['records']} incidents sent a minute:",
            "",
            *table(SOAK_HEADS, body),
            "",
            *_soak_ends(result, run),
            "",
        ]
    return [*lines, "![Soak](images/soak.svg)", "", measured_on(result)]


SOAK_HEADS = (
    *("minute", "requests", "errors", "median ms", "95th percentile", "web workers, MiB"),
    *("job worker, MiB", "its jobs at most, MiB", "home, MiB", "threads", "open files"),
    "snapshot's age, s",
)
MOST_MINUTES = 12


def _soak_ends(result: Found, run: Found) -> list[str]:
    rows = run["rows"]
    requests, errors = (sum(row[name] for row in rows) for name in ("requests", "errors"))
    growth = growth_mib(run)
    grew = " and ".join(f"{one:+.2f}" for one in growth) or "not told: a worker was replaced"
    told = sorted({row["ready"] for row in rows})
    failed = sorted(set(run["failed_jobs"]))
    return [
        f"{requests:,} requests in {result['minutes']} minutes, {errors} errors. Of "
        f"{run['sent']:,} acknowledged incidents, {run['lost']} were not found. "
        f"`/ready` said: {', '.join(told)}. Failed jobs: {', '.join(failed) or 'none'}.",
        "",
        f"MiB a minute by which the web workers grew in the last half: {grew}.",
    ]


SECTIONS: dict[str, Callable[[Found], list[str]]] = {
    "crossfilter": crossfilter,
    "growth": growth,
    "browser": browser,
    "browser_mosaic": browser_mosaic,
    "users": users,
    "ingest": ingest,
    "small_loads": small_loads,
    "live": live,
    "sync_hour": sync_hour,
    "start": start,
    "training": training,
    "pages": pages,
    "first_visit": first_visit,
    "visits": visits,
    "calls": calls,
    "patrol": patrol,
    "audit": audit,
    "scopes": scopes,
    "memory": memory,
    "soak": soak,
    "cluster": cluster,
}


def fill(page: str, results: Path) -> str:
    """The page, with new text for each section that has stored results."""
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
    """Fill the page and draw the charts."""
    for name, drawn in (("growth", draw), ("soak", draw_soak)):
        figures = RESULTS / f"{name}.json"
        if figures.exists():
            drawn(json.loads(figures.read_text(encoding="utf-8")))
    PAGE.write_text(fill(PAGE.read_text(encoding="utf-8"), RESULTS), encoding="utf-8")


if __name__ == "__main__":
    main()
