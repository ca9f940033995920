"""Population of areas by group: as the file has it, and divided over larger areas by area."""

from __future__ import annotations

from pathlib import Path

import pytest
import shapely

from analytics.areas.outline_file import Area
from analytics.areas.outlines import add_outlines
from analytics.areas.population import (
    OTHERS,
    Population,
    PopulationGroup,
    read_population,
    write_population,
)
from analytics.areas.weighting import area_weights
from analytics.errors import DamagedError, InputError
from analytics.incidents.warehouse import Warehouse
from analytics.ingest.population import GroupColumn, PopulationFile, add_population
from tests.unit.analytics.areas.test_outlines import (
    CRS,
    EAST,
    MIDDLE,
    WEST,
    feature,
    geojson,
    warehouse,
)

GROUPS = (GroupColumn("race", "Black", "black"), GroupColumn("race", "White", "white"))


@pytest.fixture
def home(tmp_path: Path) -> Warehouse:
    """A warehouse with added outlines of districts 1, 2 and 13."""
    made = warehouse(tmp_path / "home")
    boxes = [feature(WEST, key="1"), feature(MIDDLE, key="2"), feature(EAST, key="13")]
    add_outlines(made.home, "district", geojson(tmp_path, boxes), "key")
    return made


def table(folder: Path, text: str, **options: object) -> PopulationFile:
    path = folder / "people.csv"
    path.write_text(text)
    return PopulationFile(path, "key", "people", GROUPS, **options)  # type: ignore[arg-type]


def test_numbers_of_the_areas_themselves_are_kept_as_they_are(
    home: Warehouse, tmp_path: Path
) -> None:
    text = "key,people,black,white\n1,100,30,70\n2,50,-999,20\n13,10,5,5\n"
    found = add_population(home.home, "district", table(tmp_path, text, missing="-999"))
    assert sorted(found.residents.values()) == [10, 100]
    assert [sorted(group.by_area.values()) for group in found.groups] == [[5, 30], [5, 70]]
    assert (found.without_numbers, found.outlines, found.left_out) == (1, "", 0)
    assert read_population(home.home, "district") == found
    assert read_population(home.home, "beat") is None


def test_tracts_are_divided_by_area(home: Warehouse, tmp_path: Path) -> None:
    """A tract over halves of two equal boxes, one inside a box, one half outside all of them."""
    (w0, s0, w1, n0), (_, _, m1, _) = shapely.box(*WEST).bounds, shapely.box(*MIDDLE).bounds
    both = ((w0 + w1) / 2, s0, (w1 + m1) / 2, n0)
    outside = (w0 - (w1 - w0), s0, w1, n0)
    (tmp_path / "tracts").mkdir()
    tracts = geojson(
        tmp_path / "tracts",
        [feature(both, key="a"), feature(EAST, key="b"), feature(outside, key="c")],
    )
    text = "key,people,black,white\na,100,40,60\nb,10,10,0\nc,80,0,80\nelsewhere,999,1,1\n"
    found = add_population(
        home.home, "district", table(tmp_path, text, outlines=tracts, outline_key="key")
    )
    residents = sorted(found.residents.values())
    assert residents == pytest.approx([10, 50, 90], rel=1e-3)
    assert found.left_out == pytest.approx(40 / 190, rel=1e-3)
    assert (found.parts, found.without_numbers) == (3, 0)
    black = next(group for group in found.groups if group.label == "Black")
    assert sum(black.by_area.values()) == pytest.approx(50, rel=1e-3)


def test_overlapping_areas_do_not_count_a_tract_twice() -> None:
    square = shapely.box(-87.70, 41.80, -87.69, 41.81)
    areas = [Area("1", "1", square), Area("2", "2", square)]
    assert area_weights({"t": square}, areas, CRS).tolist() == [pytest.approx([0.5, 0.5])]


def test_a_single_group_is_compared_with_the_others(tmp_path: Path) -> None:
    found = Population("district", "f", "", {"1": 10.0}, ())
    assert found.by_kind() == {}
    text = Population(
        "district",
        "f",
        "",
        {"1": 10.0, "2": 4.0},
        (PopulationGroup("poverty", "Poor", {"1": 3.0}),),
    )
    poor, others = text.by_kind()["poverty"]
    assert (poor.label, others.label) == ("Poor", OTHERS)
    assert others.by_area == {"1": 7.0, "2": 4.0}
    write_population(tmp_path, text)
    (tmp_path / "population" / "district.json").write_text("[]")
    with pytest.raises(DamagedError, match="boundaries population"):
        read_population(tmp_path, "district")


def test_groups_that_leave_many_out_get_the_others(tmp_path: Path) -> None:
    """Half of area 1 is of no race, 1 in 500 of no age; households have their own whole."""
    groups = (
        PopulationGroup("race", "Black", {"1": 30.0, "2": 80.0}),
        PopulationGroup("race", "White", {"1": 20.0, "2": 20.0}),
        PopulationGroup("age", "Young", {"1": 60.0, "2": 59.6}),
        PopulationGroup("age", "Old", {"1": 40.0, "2": 40.0}),
        PopulationGroup("income", "Low", {"1": 10.0, "2": 15.0}),
    )
    wholes = {"income": {"1": 40.0, "2": 45.0}}
    found = Population("district", "f", "", {"1": 100.0, "2": 100.0}, groups, wholes=wholes)
    kinds = found.by_kind()
    assert [group.label for group in kinds["race"]] == ["Black", "White", OTHERS]
    assert kinds["race"][2].by_area == {"1": 50.0, "2": 0.0}
    assert [group.label for group in kinds["age"]] == ["Young", "Old"]
    assert kinds["income"][1].by_area == {"1": 30.0, "2": 30.0}
    write_population(tmp_path, found)
    assert read_population(tmp_path, "district") == found


def test_lines_are_counted_and_refused_by_the_outline_they_match(
    home: Warehouse, tmp_path: Path
) -> None:
    """Outlines 01 and 02: line 1 is of the first, 2 has no numbers, and 7 is of another place."""
    (tmp_path / "tracts").mkdir()
    tracts = geojson(tmp_path / "tracts", [feature(WEST, key="01"), feature(EAST, key="02")])
    options = {"outlines": tracts, "outline_key": "key"}
    text = "key,people,black,white\n1,100,40,60\n2,,1,1\n7,5,5,5\n"
    found = add_population(home.home, "district", table(tmp_path, text, **options))
    assert (found.parts, found.without_numbers) == (1, 1)
    twice = "key,people,black,white\n1,100,40,60\n01,90,40,50\n"
    with pytest.raises(InputError, match="line 3: column 'key' holds '01', the same area as line"):
        add_population(home.home, "district", table(tmp_path, twice, **options))


def test_a_whole_is_read_beside_its_groups(home: Warehouse, tmp_path: Path) -> None:
    text = "key,people,black,white,all\n1,100,30,10,80\n"
    found = add_population(home.home, "district", table(tmp_path, text, wholes=(("race", "all"),)))
    assert [list(whole.values()) for whole in found.wholes.values()] == [[80]]
    with pytest.raises(InputError, match="--whole income: no group"):
        add_population(home.home, "district", table(tmp_path, text, wholes=(("income", "all"),)))


@pytest.mark.parametrize(
    ("text", "options", "told"),
    [
        ("key,people,black\n1,5,2\n", {}, "line 1: column 'white' not found"),
        ("key,people,black,white\n1,5,x,2\n", {}, "line 2: column 'black' holds 'x'"),
        ("key,people,black,white\n1,5,1,2\n9,5,1,2\n", {}, "line 3: column 'key' holds '9'"),
    ],
)
def test_what_cannot_be_used_is_said_with_its_line(
    home: Warehouse, tmp_path: Path, text: str, options: dict[str, object], told: str
) -> None:
    with pytest.raises(InputError, match=told):
        add_population(home.home, "district", table(tmp_path, text, **options))
    assert read_population(home.home, "district") is None


def test_a_level_without_outlines_is_refused(home: Warehouse, tmp_path: Path) -> None:
    text = "key,people,black,white\n1,5,1,2\n"
    with pytest.raises(InputError, match="boundaries add beat"):
        add_population(home.home, "beat", table(tmp_path, text))
