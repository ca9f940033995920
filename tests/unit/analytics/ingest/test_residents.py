"""Residents of areas: what a file must hold, which areas get them, and how long they last."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import pytest
from click.testing import CliRunner

from analytics.areas.outline_file import read_kept_areas, write_residents
from analytics.areas.outlines import add_outlines, build_outlines
from analytics.cli.boundaries import command
from analytics.errors import BusyError, InputError
from analytics.incidents.manifest import Manifest, Outline
from analytics.incidents.warehouse import DATABASE, Warehouse
from analytics.ingest.area_numbers_file import read_area_numbers
from analytics.ingest.residents import AddedResidents, add_residents
from tests.unit.analytics.areas.test_outlines import (
    CRS,
    EAST,
    MIDDLE,
    WEST,
    database,
    feature,
    geojson,
    scattered,
    warehouse,
)


def written(folder: Path, text: str | bytes) -> Path:
    path = folder / "people.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


@pytest.fixture
def home(tmp_path: Path) -> Warehouse:
    """A warehouse with added outlines of districts 1, 2 and 13."""
    made = warehouse(tmp_path / "home")
    boxes = [feature(WEST, key="1"), feature(MIDDLE, key="2"), feature(EAST, key="13")]
    add_outlines(made.home, "district", geojson(tmp_path, boxes), "key")
    return made


def add(home: Warehouse, folder: Path, text: str, column: str = "people") -> AddedResidents:
    return add_residents(home.home, "district", written(folder, text), "key", column)


def current(home: Warehouse) -> tuple[dict[str, Any], Outline]:
    """Residents by key as the served snapshot has them, and what its manifest says."""
    snapshot = Warehouse(home.home).current()
    assert snapshot
    home.verify(snapshot)
    path = snapshot.outline("district")
    assert path
    properties = [each["properties"] for each in json.loads(path.read_text())["features"]]
    found = {each["id"]: each["residents"] for each in properties if "residents" in each}
    return found, snapshot.manifest.outlines["district"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("key,souls\n1,5\n", "line 1: column 'people' not found. Columns: key, souls"),
        ("id,people\n1,5\n", "line 1: column 'key' not found"),
        ("", "column 'key' not found. Columns: none"),
        ("key,people\n1,5\n\n2,many\n", "line 4: column 'people' holds 'many', which is not a num"),
        ('key,people\n1,"47,830"\n', "line 2: column 'people' holds '47,830', which is not a num"),
        ("key,people\n1,1_000\n", "holds '1_000', which is not a number"),
        ("key,people\n1,nan\n", "line 2: column 'people' holds 'nan', which is not a number"),
        ("key,people\n1,inf\n", "line 2: column 'people' holds 'inf', which is not a number"),
        ("key,people\n1,-3\n", "line 2: column 'people' holds -3, which is below 0"),
        ("key,people\n,3\n", "line 2: column 'key' is empty"),
        ("key,people\n1,3,4\n", "line 2: too many fields"),
        ('key,people\n1,"3\n', "line 2: quote never closes"),
        ("key,people\n1,\n2,\n", "column 'people' has no numbers"),
        ("key,people\n", "column 'people' has no numbers"),
        ("key,people\n1,5\n".encode("utf-16"), "the header: NUL character"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_said_with_its_line(
    tmp_path: Path, text: str | bytes, message: str
) -> None:
    with pytest.raises(InputError) as raised:
        read_area_numbers(written(tmp_path, text), "key", ("people",))
    assert message in str(raised.value)
    assert str(tmp_path / "people.csv") in str(raised.value)


def test_files_as_spreadsheets_write_them_are_read(tmp_path: Path) -> None:
    text = '\ufeffkey;name;people\r\n 1 ;"Loop; South\r\nLoop";10.0\r\n2;Über;\r\n03;x;2e3\r\n'
    found = read_area_numbers(written(tmp_path, text), "key", ("people",))
    assert [(each.line, each.key, each.values[0]) for each in found] == [
        (2, "1", 10.0),
        (4, "2", None),
        (5, "03", 2000.0),
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("key,people\n1,5\nTotal,9\n",
         "line 3: column 'key' holds 'Total', which is not a key of the outlines"),
        ("key,people\n1,5\n2,7\n001,6\n",
         "line 4: column 'key' holds '001', the same area as line 2"),
    ],
)  # fmt: skip
def test_keys_must_be_those_of_the_outlines_once_each(
    home: Warehouse, tmp_path: Path, text: str, message: str
) -> None:
    before = Warehouse(home.home).current_id()
    with pytest.raises(InputError) as raised:
        add(home, tmp_path, text)
    assert message in str(raised.value)
    assert Warehouse(home.home).current_id() == before
    assert current(home)[0] == {}


def test_residents_are_in_the_snapshot_and_its_manifest(home: Warehouse, tmp_path: Path) -> None:
    added = add(home, tmp_path, "key,people\n001,500\n13,20.5\n2,\n")
    assert (added.areas, added.residents, added.without_number) == (2, 520, ("2",))
    found, outline = current(home)
    assert found == {"001": 500, "013": 20.5}
    assert (outline.residents, outline.areas_with_residents) == (520, 2)
    assert outline.residents_source == "people.csv"
    assert added.snapshot == Warehouse(home.home).current_id()


def test_the_same_residents_twice_publish_nothing_new_and_others_take_their_place(
    home: Warehouse, tmp_path: Path
) -> None:
    first = add(home, tmp_path, "key,people,more\n1,500,1\n2,600,2\n13,7,\n")
    assert add(home, tmp_path, "key,people\n1,500\n2,600\n13,7\n").snapshot == first.snapshot
    assert add(home, tmp_path, "key,more\n1,1\n2,2\n", "more").snapshot != first.snapshot
    assert current(home)[0] == {"001": 1, "002": 2}


def test_the_next_snapshot_holds_them_too(home: Warehouse, tmp_path: Path) -> None:
    add(home, tmp_path, "key,people\n1,500\n2,600\n")
    path = tmp_path / "next" / DATABASE
    database(path, {"001": scattered(WEST), "002": scattered(MIDDLE)})
    with duckdb.connect(str(path)) as connection:
        outlines = build_outlines(connection, path.parent, home.home, CRS)
    assert outlines["district"].residents == 1100
    assert outlines["district"].areas_with_residents == 2


def test_they_wait_where_there_is_no_snapshot_yet(tmp_path: Path) -> None:
    made = Warehouse(tmp_path / "empty")
    add_outlines(made.home, "district", geojson(tmp_path, [feature(WEST, key="1")]), "key")
    added = add(made, tmp_path, "key,people\n01,500\n")
    assert (added.areas, added.snapshot) == (1, None)


def test_hulls_have_no_residents(tmp_path: Path) -> None:
    made = warehouse(tmp_path / "home")
    with pytest.raises(InputError, match="First run `patroliq boundaries add district"):
        add(made, tmp_path, "key,people\n1,500\n")


def test_an_ingest_meanwhile_is_said(home: Warehouse, tmp_path: Path) -> None:
    with home.lock(), pytest.raises(BusyError):
        add(home, tmp_path, "key,people\n1,500\n")


def test_outlines_added_again_keep_residents_and_say_whose_are_gone(
    home: Warehouse, tmp_path: Path
) -> None:
    add(home, tmp_path, "key,people\n1,500\n13,20\n")
    boxes = [feature(WEST, key="01"), feature(MIDDLE, key="02")]
    again = add_outlines(home.home, "district", geojson(tmp_path, boxes), "key")
    assert (again.residents_kept, again.residents_gone) == (1, ("13",))
    found, outline = current(home)
    assert found == {"001": 500}
    assert (outline.residents, outline.residents_source) == (500, "people.csv")
    last = add_outlines(home.home, "district", geojson(tmp_path, boxes[1:]), "key")
    assert (last.residents_kept, last.residents_gone) == (0, ("01",))
    found, outline = current(home)
    assert found == {}
    assert (outline.residents, outline.residents_source) == (None, "")


def test_two_outlines_of_one_area_have_the_residents_of_both(tmp_path: Path) -> None:
    made = warehouse(tmp_path / "home")
    boxes = [feature(WEST, key="1"), feature(EAST, key="001"), feature(MIDDLE, key="2")]
    add_outlines(made.home, "district", geojson(tmp_path, boxes), "key")
    write_residents(made.home / "outlines/district.geojson", {"1": 10, "001": 20, "2": 5}, "")
    path = tmp_path / "next" / DATABASE
    database(path, {"001": scattered(WEST), "002": scattered(MIDDLE)})
    with duckdb.connect(str(path)) as connection:
        outlines = build_outlines(connection, path.parent, made.home, CRS)
    kept = read_kept_areas(path.parent / "outlines/district.geojson")
    assert {area.key: area.residents for area in kept} == {"001": 30, "002": 5}
    assert outlines["district"].areas_with_residents == 2


def test_a_manifest_without_residents_is_read(home: Warehouse, tmp_path: Path) -> None:
    snapshot = Warehouse(home.home).current()
    assert snapshot
    raw = json.loads((snapshot.path / "manifest.json").read_text())
    for name in ("residents", "areas_with_residents", "residents_source"):
        del raw["outlines"]["district"][name]
    (tmp_path / "old.json").write_text(json.dumps(raw))
    assert Manifest.read(tmp_path / "old.json").outlines["district"].residents is None


def test_the_command_says_what_it_did_and_the_list_shows_it(
    home: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATROLIQ_HOME", str(home.home))
    file = written(tmp_path, "key,people\n1,1500\n2,600\n")
    runner = CliRunner()
    asked = ["residents", "district", str(file), "--key", "key", "--residents", "people"]
    result = json.loads(runner.invoke(command, [*asked, "--json"]).stdout)
    assert result["snapshot"] == Warehouse(home.home).current_id()
    del result["snapshot"]
    assert result == {
        "level": "district",
        "file": str(file),
        "areas": 2,
        "residents": 2100,
        "without_number": ["13"],
    }
    plain = runner.invoke(command, asked).stdout
    assert "Added 2,100 residents in 2 outlines of district" in plain
    assert "Without a number: 13." in plain
    assert "3 areas, 2,100 residents in 2" in runner.invoke(command, ["list"]).stdout
    listed = json.loads(runner.invoke(command, ["list", "--json"]).stdout)
    assert listed["outlines"][0]["residents"] == 2100
    again = geojson(tmp_path, [feature(WEST, key="1")])
    said = runner.invoke(command, ["add", "district", str(again), "--key", "key"]).stdout
    assert "1 areas keep their residents" in said
    assert "Residents removed with areas that are not in the file: 2." in said
