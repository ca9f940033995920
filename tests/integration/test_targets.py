"""Targets of models: the agency's table, and which of its targets a snapshot offers."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from analytics.artifacts.targets import ALL, FILE, Targets, read_targets
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
