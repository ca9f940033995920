"""What can be saved: numbers equal SQL, images are images, each says where it comes from."""

from __future__ import annotations

import csv
import io
import json
import struct
from pathlib import Path
from xml.etree import ElementTree

import polars as pl
from playwright.sync_api import Download

from bench.explore_page import ExplorePage
from bench.site_server import SiteServer
from tests.browser.facts import Facts

SELECTION = "type=ROBBERY&date=2025-01-01..2025-12-31"
ROBBERIES = "type = 'ROBBERY' AND year(operational_day) = 2025"
PROVENANCE_LINES = 7


def saved(explore: ExplorePage, card: str, entry: str) -> tuple[Download, bytes]:
    with explore.page.expect_download(timeout=15_000) as waiting:
        explore.menu(card, entry)
    download = waiting.value
    return download, Path(download.path()).read_bytes()


def parts(content: bytes) -> tuple[str, list[dict[str, str]]]:
    """The lines that say where a CSV comes from, and its rows."""
    lines = content.decode().splitlines()
    head = lines[:PROVENANCE_LINES]
    assert all(line.startswith("#") for line in head)
    return "\n".join(head), list(csv.DictReader(lines[PROVENANCE_LINES:]))


def test_incidents_as_csv_equal_sql_and_say_where_they_come_from(
    blank: ExplorePage, facts: Facts, site: SiteServer
) -> None:
    blank.open(SELECTION)
    download, content = saved(blank, "table", "Save all fields as CSV")
    head, rows = parts(content)
    ids = {row["id"] for row in rows}
    assert ids == {id for (id,) in facts.rows(f"SELECT id FROM incidents WHERE {ROBBERIES}")}
    assert len(rows) == len(ids) == blank.total
    assert SELECTION in head
    assert site.snapshot in head
    assert "SYNTHETIC" in head
    assert download.suggested_filename.endswith(".csv")


def test_incidents_as_parquet_and_geoparquet_equal_sql(blank: ExplorePage, facts: Facts) -> None:
    blank.open(SELECTION)
    expected = {id for (id,) in facts.rows(f"SELECT id FROM incidents WHERE {ROBBERIES}")}
    for entry, columns in (("Parquet", set()), ("GeoParquet", {"geometry"})):
        download, content = saved(blank, "table", f"Save all fields as {entry}")
        rows = pl.read_parquet(io.BytesIO(content))
        assert {*rows["id"]} == expected
        assert {*rows.columns} & {"geometry"} == columns
        assert download.suggested_filename.endswith(".parquet")


def test_the_list_and_its_page_are_saved_as_shown(blank: ExplorePage, facts: Facts) -> None:
    blank.open(SELECTION)
    with blank.gesture():
        blank.page.locator('#explore-table [col-id="description"].ag-header-cell').click()
    shown = facts.rows(
        f"SELECT id FROM incidents WHERE {ROBBERIES} "
        "ORDER BY description, occurred_from DESC NULLS LAST, id"
    )
    entries = blank.page.locator("#explore-table-card .menu-entry")
    assert f"({len(shown):,} rows)" in "".join(entries.all_text_contents())
    heads = blank.page.evaluate(
        "dash_ag_grid.getApi('explore-table').getAllDisplayedColumns().map((one) => one.getColId())"
    )
    for entry, expected in (("Save the list", shown), ("Save this page", shown[:50])):
        _, rows = parts(saved(blank, "table", entry)[1])
        assert [(row["id"],) for row in rows] == expected
        assert list(rows[0]) == heads


def test_charts_as_csv_hold_the_numbers_of_the_chart(blank: ExplorePage, facts: Facts) -> None:
    blank.open(SELECTION)
    for card, column, where in (
        ("offenses", "type", "year(operational_day) = 2025"),
        ("areas", "district", ROBBERIES),
        ("days", "day", "type = 'ROBBERY'"),
    ):
        _, content = saved(blank, card, "Save as CSV")
        head, rows = parts(content)
        sql_column = {"day": "operational_day"}.get(column, column)
        assert {row[column]: int(row["incidents"]) for row in rows} == facts.by(sql_column, where)
        assert SELECTION in head


def test_the_map_as_geojson_is_valid_and_sums_up(
    blank: ExplorePage, facts: Facts, site: SiteServer
) -> None:
    blank.open(SELECTION)
    _, content = saved(blank, "map", "Save as GeoJSON")
    collection = json.loads(content)
    assert collection["type"] == "FeatureCollection"
    for feature in collection["features"]:
        assert feature["geometry"]["type"] in ("Polygon", "MultiPolygon")
        ring = feature["geometry"]["coordinates"][0]
        assert ring[0] == ring[-1]
    counted = sum(feature["properties"]["incidents"] for feature in collection["features"])
    assert counted == facts.count(f"{ROBBERIES} AND x_m IS NOT NULL")
    assert collection["patroliq"]["selection"] == SELECTION
    assert collection["patroliq"]["snapshot"] == site.snapshot


def png_size(content: bytes) -> tuple[int, int]:
    assert content[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", content[16:24])
    return width, height


def test_charts_as_images_are_large_enough_and_say_what_they_draw(
    blank: ExplorePage, site: SiteServer
) -> None:
    blank.open(SELECTION)
    color = blank.page.evaluate(
        "getComputedStyle(document.documentElement).getPropertyValue('--selected').trim()"
    )
    red, green, blue = (int(color[place : place + 2], 16) for place in (1, 3, 5))
    selected = f"rgb({red}, {green}, {blue})"
    captions = {
        "hours": ("Robberies, Jan 1 to Dec 31, 2025",),
        "days": ("Robberies, ", "Highlighted: Jan 1 to Dec 31, 2025"),
        "offenses": ("Incidents, Jan 1 to Dec 31, 2025", "Highlighted: Robbery"),
        "areas": ("Robberies, Jan 1 to Dec 31, 2025",),
    }
    for card, said in captions.items():
        _, image = saved(blank, card, "Save as PNG")
        assert png_size(image) == (1200, 720), card
        assert len(image) > 10_000, card
        _, vector = saved(blank, card, "Save as SVG")
        words = "".join(ElementTree.fromstring(vector).itertext())  # noqa: S314 - our own file
        assert all(caption in words for caption in said), (card, words)
        if card == "offenses":
            assert "Robberies" not in words
            assert selected in vector.decode()
        assert site.snapshot in words
        assert "Synthetic" in words
    _, image = saved(blank, "map", "Save as PNG")
    width, height = png_size(image)
    assert width > 400
    assert height > 400
    assert len(image) > 5_000
