"""Targets of models: the agency's table, and which of its targets a snapshot offers."""

from __future__ import annotations

import csv
from functools import partial
from pathlib import Path

import pytest

from analytics.artifacts.targets import ALL, FILE, Targets, is_of, offenses_of, read_targets
from analytics.crossfilter.conditions import conditions_of
from analytics.crossfilter.scope import EVERYTHING, Scope
from analytics.crossfilter.selection import Selection
from analytics.crossfilter.vocabulary import Vocabulary
from analytics.errors import InputError
from analytics.incidents.reader import SnapshotReader
from analytics.incidents.reference import FOLDER, Offense, load_tables
from analytics.settings import Settings
from tests.integration.snapshots import small_city, small_reader  # noqa: F401 - fixtures

HEADER = "target,title,selection,note\n"


def own_table(folder: Path, *rows: str) -> Settings:
    (folder / FILE).write_text(HEADER + "\n".join(rows) + "\n", encoding="utf-8")
    return Settings(home=folder, tables=folder)


def test_a_snapshot_offers_the_targets_whose_values_it_has(
    small_reader: SnapshotReader,  # noqa: F811
    tmp_path: Path,
) -> None:
    found = Targets.of(Vocabulary.of(small_reader), Settings(home=tmp_path))
    assert list(found.offered) == [ALL, "robbery"]
    assert found.find("robbery").selection.text == "group=part_i:robbery"
    assert not found.find(ALL).selection
    assert set(found.lacking) == {"burglary", "vehicle_theft", "aggravated_assault", "gun_violence"}
    assert "part_i:burglary" in found.lacking["burglary"]


def test_an_unknown_target_is_refused_with_the_closest_and_all_known(
    small_reader: SnapshotReader,  # noqa: F811
    tmp_path: Path,
) -> None:
    found = Targets.of(Vocabulary.of(small_reader), Settings(home=tmp_path))
    with pytest.raises(InputError, match=r"mean robbery\?.*all, robbery"):
        found.find("roberry")
    with pytest.raises(InputError, match="part_i:burglary"):
        found.find("burglary")


def test_data_from_before_a_scheme_of_groups_must_be_ingested_again(
    small_reader: SnapshotReader,  # noqa: F811
    tmp_path: Path,
) -> None:
    lacking = Targets.of(Vocabulary.of(small_reader), Settings(home=tmp_path)).lacking
    assert "ingest" in lacking["gun_violence"]  # group=weapon:gun
    assert "ingest" not in lacking["burglary"]  # the scheme part_i is there


def test_an_agency_replaces_the_table_and_the_first_row_that_its_data_has_applies(
    small_reader: SnapshotReader,  # noqa: F811
    tmp_path: Path,
) -> None:
    rows = (
        "taking,Taking,group=compstat:taking,",
        'taking,Taking,"type=robbery,GRAND+LARCENY,theft",',
        "armed,Armed robbery,description=ARMED:+HANDGUN&domestic=no,",
        "seized,Seized,seizure=yes,",
    )
    found = Targets.of(Vocabulary.of(small_reader), own_table(tmp_path, *rows))
    assert list(found.offered) == [ALL, "taking", "armed"]
    assert found.find("taking").selection.text == "type=ROBBERY,THEFT"
    assert "seizure" in found.lacking["seized"]


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("Robbery,Robbery,type=ROBBERY,", "target"),
        ("all,Everything,type=ROBBERY,", "target"),
        ("robbery,,type=ROBBERY,", "title"),
        ("robbery,Robbery,type,", "selection"),
        ("robbery,Robbery,type=ROBBERY&date=2017,", "selection"),
        ("robbery,Robbery,zone=kmeans@1:2,", "selection"),
        ("robbery,Robbery,type=ROBBERY&district=011,", "selection"),
        ("robbery,Robbery,type=ROBBERY&block=012XX+S+WABASH+AVE,", "selection"),
        ("robbery,Robbery,type=ROBBERY&hour=22-02,", "selection"),
        ("robbery,Robbery,type=ROBBERY&weekday=5,", "selection"),
        ("robbery,Robbery,type=ROBBERY&shift=Night,", "selection"),
        ("burglary,Break-ins,type=BURGLARY,", "title"),
    ],
)
def test_an_invalid_row_is_refused_with_its_line_and_column(
    row: str, column: str, tmp_path: Path
) -> None:
    own_table(tmp_path, "burglary,Burglary,group=part_i:burglary,", row)
    with pytest.raises(InputError, match=rf"line 3, column {column}:"):
        read_targets(tmp_path / FILE)


def test_gun_violence_in_chicago_is_the_violent_codes_that_name_a_firearm() -> None:
    groups = load_tables({"groups": "chicago"}).groups
    with (FOLDER / "harm/chicago_codes.csv").open(encoding="utf-8", newline="") as handle:
        codes = {row["code"]: row["description"] for row in csv.DictReader(handle)}
    violent = ("CRIMINAL SEXUAL ASSAULT", "ROBBERY", "BATTERY", "RITUALISM", "ASSAULT")
    named = {
        code
        for code, text in codes.items()
        if text.startswith(violent) and text.endswith(("HANDGUN", "OTHER FIREARM"))
    }
    marked = {
        code
        for code in codes
        if groups.of(Offense(code, None, None, None)).get("weapon") == ["gun"]
    }
    assert marked == named
    assert len(named) == 24


CHOSEN = (
    "",
    "type=ROBBERY",
    "type=ROBBERY,THEFT",
    "group=part_i:robbery",
    "group=part_i:all",
    "group=violent",
    "description=ARMED:+HANDGUN",
    "type=ROBBERY&hour=22-02&date=2017-12",
    "type=ROBBERY&description=STRONGARM+-+NO+WEAPON",
    "type=BATTERY&group=violent",
    "type=NOSUCH",
)


@pytest.mark.parametrize("text", CHOSEN)
def test_a_target_contains_a_selection_if_it_has_all_its_incidents(
    small_reader: SnapshotReader,  # noqa: F811
    tmp_path: Path,
    text: str,
) -> None:
    """Compared with counts of the incidents that the selection has and the target lacks."""
    targets = {
        "robbery": "group=part_i:robbery",
        "armed": "description=ARMED:+HANDGUN",
        "violent": "group=violent",
        "stolen": "type=ROBBERY,THEFT",
    }
    settings = own_table(tmp_path, *(f'{name},{name},"{of}",' for name, of in targets.items()))
    offered = Targets.of(Vocabulary.of(small_reader), settings)
    selection = Selection.parse(text)
    found = offered.containing(selection, partial(offenses_of, small_reader))

    def count(one: Selection) -> int:
        where = conditions_of(small_reader).where(EVERYTHING, one)
        sql = f"SELECT count(*) FROM incidents WHERE {where.sql}"
        return int(small_reader.frame(sql, where.params).item())

    def both(of: str) -> int:
        scope = conditions_of(small_reader).where(Scope(Selection.parse(of)), selection)
        sql = f"SELECT count(*) FROM incidents WHERE {scope.sql}"
        return int(small_reader.frame(sql, scope.params).item())

    chosen = count(selection)
    expected = {name for name, of in targets.items() if chosen and both(of) == chosen}
    assert {one.name for one in found} == expected | {ALL}
    assert found[-1].name == ALL
    sizes = [count(one.selection) for one in found]
    assert sizes == sorted(sizes)


@pytest.mark.parametrize(
    ("trained", "selection", "same"),
    [
        ("group=part_i:robbery", "type=ROBBERY", True),
        ("group=part_i:robbery", "type=ROBBERY&date=2017-12&near=41.88,-87.63,500", True),
        ("type=ROBBERY&date=2016", "group=part_i:robbery", True),
        ("group=part_i:robbery", "type=ROBBERY&weekday=5", False),
        ("type=ROBBERY&hour=22-02", "type=ROBBERY", False),
        ("", "", True),
        ("", "type=ROBBERY", False),
        ("type=NOSUCH", "type=NEITHER", False),
        ("type=NOSUCH", "type=NOSUCH", True),
    ],
)
def test_a_model_is_of_the_selection_by_what_both_mean(
    small_reader: SnapshotReader,  # noqa: F811
    trained: str,
    selection: str,
    same: bool,
) -> None:
    offenses = partial(offenses_of, small_reader)
    assert is_of(Selection.parse(trained), Selection.parse(selection), offenses) == same


def test_a_filter_besides_the_offense_must_be_in_the_selection_too(
    small_reader: SnapshotReader,  # noqa: F811
    tmp_path: Path,
) -> None:
    settings = own_table(tmp_path, "open,Open robbery,type=ROBBERY&arrest=no,")
    offered = Targets.of(Vocabulary.of(small_reader), settings)

    def named(text: str) -> str:
        offenses = partial(offenses_of, small_reader)
        return offered.containing(Selection.parse(text), offenses)[0].name

    assert named("type=ROBBERY&arrest=no&hour=22-02") == "open"
    assert named("type=ROBBERY") == ALL
    assert named("type=ROBBERY&arrest=yes") == ALL
    assert named("type=THEFT&arrest=no") == ALL
