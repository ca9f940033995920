"""A source is read from TOML, and what is wrong with one is said by file and key."""

from __future__ import annotations

from pathlib import Path

import pytest

from analytics.errors import InputError
from analytics.sources.source import Source, bundled_sources

MINIMAL = """
name = "town"
title = "Town"
timezone = "Europe/London"
unit_of_count = "offense"

[columns]
id = "Ref"
occurred_from = "When"

[dates]
formats = "%d/%m/%Y"
"""


def parse(text: str) -> Source:
    return Source.parse(text, Path("town.toml"))


def test_a_minimal_source_is_read() -> None:
    source = parse(MINIMAL)
    assert source.columns["id"] == ("Ref",)
    assert source.dates["occurred_from"].formats == ("%d/%m/%Y",)
    assert not source.verified


def test_date_and_time_may_stand_in_two_columns() -> None:
    text = MINIMAL.replace('"When"', '{ date = "Day", time = ["Hour", "Time"] }')
    source = parse(text.replace("[dates]", '[dates]\ntime_formats = ["%H%M"]'))
    assert source.dates["occurred_from"].time == ("Hour", "Time")
    assert source.alternatives()["occurred_from time"] == ("Hour", "Time")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (('id = "Ref"', ""), r"town\.toml: columns\.id: is missing"),
        (('id = "Ref"', 'ids = "Ref"'), r"columns\.ids: is not a known key; did you mean 'id'"),
        (("Europe/London", "Europe/Londn"), r"timezone: 'Europe/Londn' is not a time zone"),
        (('"%d/%m/%Y"', '"%Q-%m"'), r"occurred_from\.formats: '%Q-%m' has %Q"),
        (
            ("[dates]", "[coordinates]\ncrs = 'Fantasia 99'\n[dates]"),
            r"crs: 'Fantasia 99' is un",
        ),
        (
            ("[dates]", "[coordinates]\ncrs = [1, 2]\n[dates]"),
            r"crs: \[1, 2\] is unknown",
        ),
        (
            ("[dates]", "[coordinates]\ncrs = 'EPSG:5773'\n[dates]"),
            r"crs: 'EPSG:5773' is not p",
        ),
        (('title = "Town"', 'title = "Town"\nencoding = "base64"'), r"encoding: 'base64' is not"),
        (('"%d/%m/%Y"', '"d/m/Y"'), r"formats: 'd/m/Y' is not a date format"),
        (('id = "Ref"', 'id = "Ref"\nlat = "Lat"'), r"columns\.lat: columns\.lon is needed"),
        (('id = "Ref"', 'id = "Ref"\narrest = "A"'), r"flags\.arrest: is missing"),
        (('title = "Town"', "title = 3"), r"title: must be a text"),
        (("[dates]", "[coordinates]\ncrs = 'EPSG:0'\n[dates]"), r"coordinates\.crs: 'EPSG:0'"),
        (("[dates]", "[coordinates]\nbounds = [1, 2]\n[dates]"), r"coordinates\.bounds: must be"),
        (("[dates]", "[padding]\nbeat = 0\n[dates]"), r"padding\.beat: must be a number"),
        (("[dates]", "[attributes.hour]\ncolumn = 'H'\n[dates]"), r"attributes\.hour: is the name"),
        (("[dates]", "[missing]\nid = ''\n[dates]"), r"missing\.id: must be a sentence"),
        (("[dates]", "[heaped]\ntimes = ['24:00']\n[dates]"), r"heaped\.times: '24:00' is not"),
        (("[dates]", "[dates"), r"town\.toml: not valid TOML"),
        (("[dates]", "[dates]\ncalendar = 'hijri'"), r"dates\.calendar: must be one of greg"),
        (("[dates]", "[patterns.type]\n'a(' = 'A'\n[dates]"), r"patterns\.type\.'a\(': .*missing"),
        (("[dates]", "[join]\nfile = '../a.csv'\n[dates]"), r"join\.field: must be a text"),
        (
            ("[dates]", "[join]\nfile = '../a.csv'\nfield = 'id'\nkey = 'K'\n[dates]"),
            r"join\.file: must be the name of a file beside the source",
        ),
        (
            ("[dates]", "[join]\nfile = 'a.csv'\nfield = 'id'\nkey = 'K'\n[dates]"),
            r"join\.columns: is missing",
        ),
        (("[dates]", "[dates]\nearliest = '1970'"), r"dates\.earliest: must be a day"),
        (('title = "Town"', 'title = "Town"\nskip_lines = -1'), r"skip_lines: must be 0 or more"),
        (('title = "Town"', 'title = "Town"\nheader = ["a", "A"]'), r"header: must name each"),
        (('title = "Town"', 'title = "Town"\nheader = "a"'), r"header: must be a list of texts"),
        (('"When"', '{ year = "Y", month = "M" }'), r"columns\.occurred_from\.day: is missing"),
        (
            ('"When"', '{ year = "Y", month = "M", day = "D", minute = "N" }'),
            r"columns\.occurred_from\.hour: is missing",
        ),
        (
            ('"When"', '{ year = "Y", month = "M", day = "D", time = "T" }'),
            r"columns\.occurred_from\.time: is not a known key",
        ),
        (("[dates]", "[coordinates]\npoint = 'lonlat'\n[dates]"), r"point: must be one of 'wkt'"),
        (("[dates]", "[coordinates]\nswapped = 1\n[dates]"), r"swapped: must be true or false"),
    ],
)
def test_what_is_wrong_is_named(change: tuple[str, str], message: str) -> None:
    with pytest.raises(InputError, match=message):
        parse(MINIMAL.replace(*change))


def test_more_than_twenty_attributes_are_refused() -> None:
    extra = "\n".join(f"[attributes.a{n}]\ncolumn = 'c{n}'" for n in range(21))
    with pytest.raises(InputError, match="attributes: has 21 entries; 20 are allowed"):
        parse(MINIMAL + extra)


def test_an_unknown_source_lists_the_bundled_ones() -> None:
    with pytest.raises(InputError, match=r"Choose one of .*chicago"):
        Source.load("gotham")


@pytest.mark.parametrize("name", bundled_sources())
def test_bundled_sources_are_valid_and_named_like_their_file(name: str) -> None:
    source = Source.load(name)
    assert source.name == name
    assert source.publisher


def test_a_coordinate_system_without_an_epsg_code_is_kept_by_its_authority() -> None:
    columns = MINIMAL.replace('id = "Ref"', 'id = "Ref"\nx = "X"\ny = "Y"')
    text = columns.replace("[dates]", "[coordinates]\ncrs = 'ESRI:102696'\n[dates]")
    assert parse(text).coordinates.crs == "ESRI:102696"


def test_an_id_is_not_needed_where_the_content_tells_rows_apart() -> None:
    without = MINIMAL.replace('id = "Ref"\n', "")
    with pytest.raises(InputError, match=r"columns\.id: is missing"):
        parse(without)
    source = parse('missing_id = "content"\n' + without)
    assert "id" not in source.columns


def test_san_francisco_misspells_one_of_its_categories() -> None:
    values = Source.load("san_francisco").values["type"]
    assert values["Weapons Offence"] == "Weapons Offense"
