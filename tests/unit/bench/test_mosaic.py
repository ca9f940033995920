"""Mosaic's page beside Explore: its rows, its connector, its gestures and what is reported."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import duckdb
import pyarrow as pa
import pytest

from analytics.crossfilter.clauses import Period
from analytics.services import Pinned, Services
from bench import browser_mosaic, data, report
from bench.__main__ import asked
from bench.mosaic_clicks import MosaicClicker, MosaicDiffersError, check, selection_of
from bench.mosaic_rows import MosaicRows, mosaic_rows
from bench.mosaic_server import serving
from components.explore.days import DayBins
from tests.unit.bench.test_report import MACHINE

CELL_M = 500
TIMES = {"gestures": 8, "median": 120.4, "p95": 300.0}
WEEKS = DayBins(date(2026, 1, 7), date(2026, 1, 30), 7, 4, date(2026, 1, 5))


@pytest.fixture(scope="module")
def pinned(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pinned]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(data.HOME_VARIABLE, str(tmp_path_factory.mktemp("mosaic")))
        found = Services(data.bench_settings(data.warehouse_of(4_000))).pin()
        assert found
        yield found


@pytest.fixture(scope="module")
def rows(pinned: Pinned) -> Iterator[MosaicRows]:
    made = mosaic_rows(pinned, data.bench_settings(Path()), CELL_M)
    yield made
    made.connection.close()


class ShownPage:
    """What a page that groups its table by each plot's columns would show."""

    def __init__(self, rows: MosaicRows, chosen: dict[str, list[list[Any]]], where: str) -> None:
        self.rows, self.chosen, self.where = rows, chosen, where

    def grouped(self, columns: str, where: str) -> dict[tuple[Any, ...], int]:
        found = self.rows.connection.execute(
            f"SELECT {columns}, count(*) FROM incidents WHERE {where} GROUP BY ALL"
        ).fetchall()
        return {tuple(key): number for *key, number in found}

    @property
    def counts(self) -> dict[str, dict[tuple[Any, ...], int]]:
        plots = {
            "types": "type",
            "districts": "district",
            "heatmap": "weekday, hour",
            "hours": "hour",
            "weekdays": "weekday",
            "map": "cell_column, cell_row",
            "timeline": "epoch_ms(period)",
        }
        found = {
            plot: self.grouped(columns, "true" if plot in self.chosen else self.where)
            for plot, columns in plots.items()
        }
        number, arrests = self.rows.connection.execute(
            f"SELECT count(*), sum(arrest) FROM incidents WHERE {self.where}"
        ).fetchall()[0]
        return found | {"headline": {("incidents",): number, ("arrests",): int(arrests)}}


def shown(rows: MosaicRows, chosen: dict[str, list[list[Any]]], where: str) -> MosaicClicker:
    page: Any = ShownPage(rows, chosen, where)
    return page


def test_the_rows_have_the_bins_of_explore(pinned: Pinned, rows: MosaicRows) -> None:
    check(shown(rows, {}, "true"), pinned)
    check(shown(rows, {"types": [["THEFT"]]}, "type = 'THEFT'"), pinned)
    start = rows.bins.starts[20]
    ms = 86_400_000 * (start - date(1970, 1, 1)).days
    brushed = {"timeline": [[ms - 1000], [ms + 1000]]}
    check(shown(rows, brushed, f"period = DATE '{start}'"), pinned)


def test_the_rows_are_of_small_types_and_sorted_by_day(rows: MosaicRows) -> None:
    kinds = {
        name: kind for name, kind, *_ in rows.connection.execute("DESCRIBE incidents").fetchall()
    }
    assert {kinds[name] for name in ("hour", "weekday", "arrest")} == {"TINYINT"}
    assert all(kinds[name].startswith("ENUM") for name in ("type", "district"))
    days = rows.connection.execute("SELECT day FROM incidents").fetchall()
    assert days == sorted(days)
    assert rows.shape["first"] <= str(days[0][0]) < str(days[-1][0]) < rows.shape["last"]


def test_a_bin_that_differs_is_named_and_nothing_counts(pinned: Pinned, rows: MosaicRows) -> None:
    with pytest.raises(MosaicDiffersError, match=r"Mosaic's \w+ differ for 'type=THEFT'"):
        check(shown(rows, {"types": [["THEFT"]]}, "type = 'BATTERY'"), pinned)


def test_what_plots_chose_is_read_as_a_selection(rows: MosaicRows) -> None:
    chosen: dict[str, list[list[Any]]] = {
        "heatmap": [[7, 23]],
        "hours": [[4], [5]],
        "map": [[3, -2]],
        "districts": [["001"]],
    }
    text = selection_of(chosen, rows).text
    assert text == "hour=04-05&hour_weekday=7-23&district=001&cell=500:3_-2"


def test_a_brush_is_whole_bins_within_the_data() -> None:
    rows = MosaicRows(duckdb.connect(), WEEKS, CELL_M)
    ms = 86_400_000 * (date(2026, 1, 5) - date(1970, 1, 1)).days
    week = 7 * 86_400_000
    selection = selection_of({"timeline": [[ms - week / 2], [ms + 1.5 * week]]}, rows)
    assert selection.get("date") == Period(date(2026, 1, 7), date(2026, 1, 18))


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    (tmp_path / "index.html").write_text("the page", encoding="utf-8")
    with duckdb.connect() as connection, serving(connection, tmp_path, {"width": 7}) as url:
        yield url


def ask(address: str, query: dict[str, str]) -> bytes:
    body = json.dumps(query).encode()
    with urllib.request.urlopen(f"{address}/query", body, timeout=10) as answer:  # noqa: S310
        found: bytes = answer.read()
        return found


def test_the_connector_answers_each_type_of_query(address: str) -> None:
    assert ask(address, {"type": "exec", "sql": "CREATE TABLE t AS SELECT 5 AS five"}) == b""
    found = pa.ipc.open_stream(ask(address, {"type": "arrow", "sql": "FROM t"})).read_all()
    assert found.to_pylist() == [{"five": 5}]
    assert json.loads(ask(address, {"type": "json", "sql": "FROM t"})) == [{"five": 5}]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"type": "arrow", "sql": "SELECT none"}, "none"),
        ({"type": "csv", "sql": "SELECT 1"}, "'csv' is no type"),
    ],
)
def test_a_query_that_fails_says_why(address: str, query: dict[str, str], said: str) -> None:
    with pytest.raises(HTTPError) as refused:
        ask(address, query)
    assert refused.value.code == 500
    assert said in refused.value.read().decode()


def test_page_and_shape_have_the_connector_s_address(address: str) -> None:
    for path, body in (("/", b"the page"), ("/shape.json", b'{"width": 7}')):
        with urllib.request.urlopen(address + path, timeout=10) as answer:  # noqa: S310
            assert answer.read() == body


def test_each_round_has_every_kind_in_the_order_of_its_seed() -> None:
    planned = list(browser_mosaic.plan(3))
    assert planned == list(browser_mosaic.plan(3)) != list(browser_mosaic.plan(3, seed=2))
    for number in range(3):
        kinds = [kind for at, kind in planned if at == number]
        assert sorted(kinds) == sorted(browser_mosaic.KINDS)


def side() -> dict[str, Any]:
    kinds: dict[str, dict[str, Any]] = {
        kind: {"first": TIMES, "again": TIMES} for kind in browser_mosaic.KINDS
    }
    kinds["removal"] = {"first": TIMES, "again": None}
    return {"missed": 2, "first": TIMES, "again": {**TIMES, "median": 45.0}, "kinds": kinds}


def test_the_report_has_both_pages_by_kind_and_turn() -> None:
    run = {
        "incidents": 8_000_000,
        "cell_m": 500,
        "patroliq": side(),
        "mosaic": side(),
        "mosaic_cubes": {"built": {**TIMES, "gestures": 5}, "existing": None},
        "checked": 13,
    }
    result = {"machine": MACHINE, "workers": 2, "mosaic": "0.32.0", "runs": [run]}
    text = "\n".join(report.browser_mosaic(result))
    assert "| all | 120 / 300 | 45 / 300 | 120 / 300 | 45 / 300 |" in text
    assert "| removal | 120 / 300 | – | 120 / 300 | – |" in text
    assert "(5 gestures): 120 / 300; with existing ones: –" in text
    assert "all 13 states" in text
    assert "nothing: 2 on Explore, 2 on Mosaic's page" in text
    said = "\n".join(browser_mosaic.lines(result))
    assert "removal    patroliq 120 / 300, –; mosaic 120 / 300, –" in said


def test_a_peer_is_named_with_its_benchmark() -> None:
    assert asked(["browser", "--peer", "mosaic"]).names == ["browser_mosaic"]
    assert asked(["growth", "users"]).names == ["growth", "users"]
    assert "browser_mosaic" in asked([]).names
    for wrong in (["growth", "--peer", "mosaic"], ["--peer", "mosaic"], ["slowness"]):
        with pytest.raises(SystemExit):
            asked(wrong)
