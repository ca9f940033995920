"""Time from click to paint on Explore and on the same views made with Mosaic, in the same run.

Both pages get the same kinds of gestures in the same order. Each is made twice with another value:
`first` after a gesture in another view, and `again` in the same view, as when somebody looks at one
value after the other. Mosaic builds cubes for a view's next values, so its first gesture may have
to wait for them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from analytics.services import Pinned, Services
from bench.chromium import DESK, launch
from bench.data import bench_settings, warehouse_of
from bench.explore_clicks import MOST_CLAUSES, Clicker, Missed
from bench.machine import machine
from bench.mosaic_build import built_page, version
from bench.mosaic_clicks import MosaicClicker, check
from bench.mosaic_rows import mosaic_rows
from bench.mosaic_server import serving
from bench.site_server import WORKERS, SiteServer
from callbacks.explore.options import SIZES_BY_ZOOM

SETTLE_MS = 300
QUIET = """async ([quietMs, patienceMs]) => {
  const count = (moment) => performance.getEntriesByName(`patroliq-${moment}`).length;
  const began = performance.now();
  let since = began;
  while (performance.now() - since < quietMs && performance.now() - began < patienceMs) {
    if (count("gesture") > count("painted")) since = performance.now();
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}"""
KINDS = ("type", "district", "heatmap", "hours", "brush", "cell", "removal")
ROUNDS = 4  # in each, every kind once, in an order of its own
WARM_UP = 1
TURNS = ("first", "again")
Make = Callable[[str], dict[str, Any]]


def measure(
    sizes: Sequence[int], file: Path | None, source: str, rounds: int = ROUNDS
) -> dict[str, Any]:
    """For each size: times of both pages by kind and turn, in ms, and cubes that Mosaic built."""
    about = machine()
    runs = []
    with built_page() as folder:
        for size in sizes:
            home = warehouse_of(size, file, source)
            runs.append({"incidents": size, **_both(home, folder, rounds)})
    return {"machine": about, "workers": WORKERS, "mosaic": version(), "runs": runs}


def _both(home: Path, folder: Path, rounds: int) -> dict[str, Any]:
    from playwright.sync_api import sync_playwright

    settings = bench_settings(home)
    pinned = Services(settings).pin()
    if pinned is None:
        raise FileNotFoundError(f"{home} holds no snapshot")
    with sync_playwright() as playwright:
        browser = launch(playwright)
        with SiteServer(home).running() as server:
            page = browser.new_page(**DESK)
            explore = Clicker(page, server.url, pinned)
            cell_m = _cell_m(page.evaluate("window.patroliq.map.leaflet().getZoom()"))
            product = list(_product(explore, rounds))
            page.close()
        rows = mosaic_rows(pinned, settings, cell_m)
        with serving(rows.connection, folder, rows.shape) as url:
            peer = MosaicClicker(browser.new_page(**DESK), url, rows)
            mosaic = list(_peer(peer, pinned, rounds))
        rows.connection.close()
        browser.close()
    return {
        "cell_m": cell_m,
        "patroliq": _summary(product),
        "mosaic": _summary(mosaic),
        "mosaic_cubes": {
            "built": _spread([made["total"] for made in mosaic if made.get("cubes")]),
            "existing": _spread([made["total"] for made in mosaic if made.get("cubes") == 0]),
        },
        "checked": sum("total" in made for made in mosaic),
    }


def _cell_m(zoom: float) -> int:
    """Size of Explore's cells at a zoom of its map."""
    return int(next(size for below, size in SIZES_BY_ZOOM if zoom < below))


def plan(rounds: int, seed: int = 1) -> Iterator[tuple[int, str]]:
    """Number of the round and kind of each gesture; the same for a seed."""
    rng = np.random.default_rng(seed)
    for number in range(rounds):
        for kind in rng.permutation(KINDS):
            yield number, str(kind)


def _gestures(rounds: int, chosen: Callable[[], int], make: Make) -> Iterator[dict[str, Any]]:
    """Make the plan's gestures; a filter is removed first where there are too many.

    A gesture that `make` gives nothing for has hit nothing, and has no `total`.
    """
    for number, kind in plan(rounds + WARM_UP):
        counts = number >= WARM_UP
        if chosen() >= MOST_CLAUSES and kind != "removal":
            make("removal")
        if kind == "removal" and not chosen():
            continue
        for turn in TURNS[: 1 if kind == "removal" else 2]:
            made = make(kind)
            if counts:
                yield {"kind": kind, **made, "turn": turn}


def _product(explore: Clicker, rounds: int) -> Iterator[dict[str, Any]]:
    def make(kind: str) -> dict[str, Any]:
        explore.page.evaluate(QUIET, [SETTLE_MS, 10 * SETTLE_MS])  # a map that moved asks once more
        try:
            return explore.make(kind)
        except Missed:
            explore.open()
            return {}

    chips = explore.page.locator("#selection-chips [data-action=remove]")
    return _gestures(rounds, chips.count, make)


def _peer(peer: MosaicClicker, pinned: Pinned, rounds: int) -> Iterator[dict[str, Any]]:
    def make(kind: str) -> dict[str, Any]:
        try:
            made = peer.make(kind)
        except Missed:
            return {}
        check(peer, pinned)
        return made

    return _gestures(rounds, lambda: len(peer.chosen), make)


def _summary(found: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Times by turn, and by kind and turn; and clicks that hit nothing."""
    return {
        "missed": sum("total" not in made for made in found),
        **{turn: _spread(_times(found, turn)) for turn in TURNS},
        "kinds": {
            kind: {turn: _spread(_times(found, turn, kind)) for turn in TURNS} for kind in KINDS
        },
    }


def _times(found: Sequence[Mapping[str, Any]], turn: str, kind: str = "") -> list[float]:
    return [
        made["total"]
        for made in found
        if "total" in made and made["turn"] == turn and (not kind or made["kind"] == kind)
    ]


def _spread(values: Sequence[float]) -> dict[str, float] | None:
    """Number, median and 95th percentile; None without values."""
    if not values:
        return None
    median, late = np.percentile(values, [50, 95])
    return {
        "gestures": len(values),
        "median": round(float(median), 1),
        "p95": round(float(late), 1),
    }


def lines(result: Mapping[str, Any]) -> list[str]:
    """The result as text."""
    listed = []
    for run in result["runs"]:
        listed.append(
            f"{run['incidents']:,} incidents, cells of {run['cell_m']} m; median / p95 in ms, "
            f"first and again"
        )
        for kind in ("all", *KINDS):
            cells = [
                f"{name} {_text(times['first'])}, {_text(times['again'])}"
                for name in ("patroliq", "mosaic")
                for times in [run[name] if kind == "all" else run[name]["kinds"][kind]]
            ]
            listed.append(f"  {kind:10} {'; '.join(cells)}")
        cubes = run["mosaic_cubes"]
        listed.append(
            f"  Mosaic with cubes to build {_text(cubes['built'])}, "
            f"with existing ones {_text(cubes['existing'])}; {run['checked']} states compared; "
            f"clicks that hit nothing: {run['patroliq']['missed']}, {run['mosaic']['missed']}"
        )
    return listed


def _text(found: Mapping[str, float] | None) -> str:
    return f"{found['median']:.0f} / {found['p95']:.0f}" if found else "–"
