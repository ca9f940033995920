"""The hottest blocks: their list, map and file, compared with looking at every incident."""

from __future__ import annotations

import csv
import io
import json
from collections import defaultdict
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from analytics.crossfilter import compiled
from analytics.crossfilter.block_list import SORTS, block_list
from analytics.crossfilter.code_files import CodeFiles
from analytics.crossfilter.codes import BLOCK, FOLDER, INDEX
from analytics.crossfilter.fast_crossfilter import FastCrossFilter
from analytics.crossfilter.scope import EVERYTHING
from analytics.crossfilter.selection import Selection
from analytics.crossfilter.views import view
from analytics.incidents.reader import SnapshotReader
from analytics.services import Services
from analytics.settings import Settings
from app import create_app
from callbacks.frame.history import SelectionState
from callbacks.frame.pages import PAGES
from callbacks.frame.selection import respond_to
from tests.integration.every_incident import passes
from tests.integration.snapshots import SmallCity, build, serve

EXPLORE = next(page for page in PAGES if page.page.key == "explore")
CHOSEN = "type=THEFT,ROBBERY&date=2018-01-01..2018-02-10&block=100+W+MAIN+ST"


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> SmallCity:
    home = tmp_path_factory.mktemp("blocks")
    return build(home / "snapshots" / "small-5-400", seed=5)


@pytest.fixture(scope="module")
def services(city: SmallCity) -> Services:
    return Services(serve(city, city.snapshot.path.parent.parent))


def looked_at(city: SmallCity, selection: Selection) -> dict[str, dict[str, Any]]:
    """The list by looking at every incident; blocks of the selection only."""
    last = city.snapshot.manifest.last_day
    assert last
    period = selection.get("date")
    others = selection.without({"block", "date"})
    found: dict[str, dict[str, Any]] = defaultdict(
        lambda: {"incidents": 0, "last_28": 0, "year_to_date": 0, "harm": 0, "days_since": None}
    )
    for row in city.rows:
        if not all(passes(row, name, clause, city) for name, clause in others.items):
            continue
        counted, day = found[row["block"] or "unknown"], row["operational_day"]
        if period is None or passes(row, "date", period, city):
            counted["incidents"] += 1
            counted["harm"] += row["harm_days"] or 0
        if day is not None:
            counted["last_28"] += day > last - timedelta(days=28)
            counted["year_to_date"] += day.year == last.year
            since = (last - day).days
            known = counted["days_since"]
            counted["days_since"] = since if known is None else min(since, known)
    return {block: counts for block, counts in found.items() if counts["incidents"]}


@pytest.mark.parametrize("text", ["", CHOSEN, "domestic=yes"])
@pytest.mark.parametrize("sort", SORTS)
def test_the_list_equals_looking_at_every_incident(
    city: SmallCity, services: Services, text: str, sort: str
) -> None:
    pinned, selection = services.pin(), Selection.parse(text)
    assert pinned
    listed = block_list(pinned.reader, pinned.crossfilter, selection, sort)
    rows = listed.rows.to_dicts()
    expected = looked_at(city, selection)
    assert listed.blocks == len(expected)
    assert {row["block"]: row for row in rows} == {
        block: {"block": block, **counts} for block, counts in expected.items()
    }
    values = [row[sort] for row in rows]
    assert values == sorted(values, reverse=sort not in ("days_since", "block"))


def test_a_snapshot_without_codes_of_blocks_answers_the_same(
    city: SmallCity, tmp_path: Path
) -> None:
    older = build(tmp_path / "small-5-400", seed=5)
    index = older.snapshot.path / FOLDER / INDEX
    document = json.loads(index.read_text())
    document["columns"] = [one for one in document["columns"] if one["name"] != BLOCK]
    index.write_text(json.dumps(document))
    assert BLOCK not in CodeFiles(older.snapshot).columns
    compiled.load()
    answers = []
    for snapshot in (city.snapshot, older.snapshot):
        engine = FastCrossFilter(SnapshotReader(snapshot, Settings()), 1)
        chosen, views = Selection.parse(CHOSEN), [view("block"), view("type")]
        answers.append(engine.counts(EVERYTHING, chosen, views))
    assert answers[0]["block"].equals(answers[1]["block"])
    assert answers[0]["type"].equals(answers[1]["type"])


def ask(services: Services, text: str, **page: str) -> dict[str, Any]:
    gesture = {"n": 1, "action": "open", "text": text, "page": page}
    return respond_to(services, EXPLORE, gesture, SelectionState())


def test_page_and_file_list_the_same_blocks_in_the_same_order(
    city: SmallCity, services: Services
) -> None:
    shown = ask(services, CHOSEN, areas="block", block_sort="harm")
    table = shown["areas"][0]
    body = next(part for part in table.children if type(part).__name__ == "Tbody")
    names = [row.children[0].children.children for row in body.children]
    pressed = [
        row.children[0].children.children
        for row in body.children
        if getattr(row.children[0].children, "aria-pressed") == "true"
    ]
    assert pressed == ["100 W MAIN ST"]
    client = create_app(Settings(home=city.snapshot.path.parent.parent)).server.test_client()
    answer = client.get(f"/export/blocks.csv?_sort=harm&plain=1&{CHOSEN}")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert ["Unknown" if row["block"] == "unknown" else row["block"] for row in rows] == names
    harms = [int(row["harm"]) for row in rows]
    assert harms == sorted(harms, reverse=True)
    assert client.get("/export/blocks.csv?_sort=nope").status_code == 400


def test_blocks_are_points_of_the_map_that_choose_their_block_exactly(
    city: SmallCity, services: Services
) -> None:
    shown = ask(services, CHOSEN, map="block", numbers="map")
    state = shown["map"]
    values = {
        point["properties"]["id"]: point["properties"]["value"]
        for point in state["points"]["features"]
    }
    expected = looked_at(city, Selection.parse(CHOSEN))
    assert values == {
        block: counts["incidents"] for block, counts in expected.items() if block != "unknown"
    }
    assert (state["dimension"], state["selected"]) == ("block", ["100 W MAIN ST"])
    assert state["points"]["features"][-1]["properties"]["id"] == "100 W MAIN ST"
    dated = [row for row in city.rows if row["operational_day"]]
    chosen = sum(row["block"] == "A & B, C" for row in dated)
    gesture = {"n": 2, "action": "only", "dimension": "block", "keys": ["A & B, C"], "page": {}}
    answer = respond_to(services, EXPLORE, gesture, SelectionState())
    assert answer["range"].endswith(f"of {chosen}")
    assert Selection.parse(answer["state"]["text"]).clauses["block"].keys == ("A & B, C",)
