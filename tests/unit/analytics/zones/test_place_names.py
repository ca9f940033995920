"""Names an officer knows."""

from __future__ import annotations

import polars as pl
import pytest
import shapely

from analytics.zones.place_names import (
    StreetBlock,
    Surroundings,
    block_places,
    distinct_names,
    spot_name,
    titled,
    zone_name,
)
from analytics.zones.profiles import Contrast, PeakHours, contrast_of


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("047XX S HERMITAGE AVE", "4700 block of S Hermitage Ave"),
        ("001XX N STATE ST", "100 block of N State St"),
        ("0000X W TERMINAL ST", "unit block of W Terminal St"),
        ("100XX W OHARE ST", "10000 block of W Ohare St"),
        ("012XX W 79TH ST", "1200 block of W 79th St"),
        ("Powell St at Market St", "Powell St At Market St"),
    ],
)
def test_block_texts_are_said_as_people_say_them(text: str, words: str) -> None:
    assert StreetBlock.of(text).words == words


def incidents(rows: list[tuple[str | None, str | None, float, float]], **more: str) -> pl.DataFrame:
    schema = {"block": pl.String, "beat": pl.String, "x_m": pl.Float64, "y_m": pl.Float64}
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    return frame.with_columns(
        pl.lit(more.get(level), pl.String).alias(level) for level in ("district", "area")
    )


def test_the_cross_street_is_the_nearest_that_runs_the_other_way() -> None:
    zone = incidents([("047XX S HERMITAGE AVE", "0931", 0, 0)] * 3)
    city = pl.concat(
        [
            zone,
            incidents(
                [("047XX S PAULINA ST", "0931", 20, 0), ("017XX W 47TH ST", "0932", 50, 100)]
            ),
            incidents([("017XX W 48TH ST", "0932", 60, -120)]),
        ]
    )
    name = zone_name(4, zone, Surroundings(block_places(city)), 0.1)
    assert name == "4700 block of S Hermitage Ave near W 47th St, beat 0931"


def test_the_beat_is_the_one_that_holds_the_block_not_the_one_with_most_of_the_zone() -> None:
    michigan = [("008XX N MICHIGAN AVE", "1833", 0.0, 0.0)] * 5
    rest = [(f"{number:03d}XX E OHIO ST", "1834", 400.0, 400.0) for number in range(1, 10)] * 3
    zone = incidents(michigan + rest)
    without = Surroundings(block_places(zone))
    assert zone_name(0, zone, without, 1.11) == "800 block of N Michigan Ave, beat 1833"
    # The outline decides, whatever the incidents say.
    beats = {"1834": shapely.box(100, 100, 900, 900), "1831": shapely.box(-50, -50, 50, 50)}
    outlined = Surroundings(block_places(zone), beats)
    assert zone_name(0, zone, outlined, 1.11).endswith("beat 1831")


def test_on_a_border_street_the_beat_is_the_one_the_blocks_incidents_are_recorded_in() -> None:
    roosevelt = [("038XX W ROOSEVELT RD", "1011", 0.0, -5.0)] * 8
    zone = incidents([*roosevelt, ("038XX W ROOSEVELT RD", "1133", 0.0, -5.0)])
    beats = {"1133": shapely.box(-500, -500, 500, 0), "1011": shapely.box(-500, 0, 500, 500)}
    around = Surroundings(block_places(zone), beats)
    assert zone_name(0, zone, around, 0.2) == "3800 block of W Roosevelt Rd, beat 1011"
    inside = zone.with_columns(y_m=pl.lit(-100.0))
    assert zone_name(0, inside, around, 0.2) == "3800 block of W Roosevelt Rd, beat 1133"


def test_a_large_zone_or_one_without_a_busy_block_is_named_by_its_areas() -> None:
    block = [("109XX S DOTY AVE W", "0511", 0.0, 0.0)] * 90
    main = incidents(block, district="005", area="50")
    more = incidents(block[:45], district="004", area="51")
    few = incidents(block[:10], district="022", area="75")
    zone = pl.concat([few, main, more])
    names = {"50": "Pullman", "51": "South Deering", "75": "Morgan Park"}
    around = Surroundings(block_places(zone), areas=names)
    assert zone_name(0, zone, around, 93.7) == "Pullman and South Deering, districts 005 and 004"
    assert zone_name(0, zone, Surroundings(block_places(zone)), 33) == "Districts 005 and 004"
    assert zone_name(6, incidents(block[:3]).with_columns(beat=None), around, 33) == "Zone 7"
    # A hundred blocks alike.
    alike = [(f"{number:03d}XX W ADAMS ST", "0111", 0.0, 0.0) for number in range(100)]
    zone = incidents(alike, district="001", area="32")
    assert zone_name(0, zone, Surroundings(block_places(zone)), 1.0) == "District 001"


def test_a_spot_is_not_named_like_its_whole_area_or_block() -> None:
    block = incidents([("008XX N MICHIGAN AVE", "1833", 0.0, 0.0)] * 5, district="018")
    areas = pl.concat([block, incidents([("1", "0111", 0.0, 0.0)], district="001")])
    around = Surroundings(block_places(block))
    assert spot_name(block, around, 1.0) == "Around 800 block of N Michigan Ave, beat 1833"
    assert spot_name(areas, around, 9.0) == "A place in districts 018 and 001"
    assert spot_name(incidents([(None, None, 0.0, 0.0)]), around, 9.0) == "A place in the city"


def test_names_that_several_zones_would_have_are_distinct_names() -> None:
    assert distinct_names(["Austin", "Loop", "Austin"]) == [
        "Austin (zone 1)",
        "Loop",
        "Austin (zone 3)",
    ]


def test_without_directions_or_blocks_the_name_is_what_is_left() -> None:
    odd, bare = incidents([("ELM ST", "12", 0.0, 0.0)]), incidents([(None, None, 0.0, 0.0)])
    assert zone_name(0, odd, Surroundings(block_places(odd)), 0.1) == "Elm St, beat 12"
    assert zone_name(0, bare, Surroundings(block_places(bare)), 0.1) == "Zone 1"
    assert titled("W 103RD ST") == "W 103rd St"


def lifts(rows: list[tuple[str, str, int, float, float]]) -> pl.DataFrame:
    columns = ["dimension", "value", "incidents", "share", "city_share"]
    frame = pl.DataFrame(rows, schema=columns, orient="row")
    return frame.with_columns(lift=pl.col("share") / pl.col("city_share"))


def test_the_contrast_names_what_sets_a_zone_apart() -> None:
    found = contrast_of(
        200,
        0.5,
        (12_000, 600),
        lifts(
            [
                ("type", "ROBBERY", 120, 0.6, 0.2),
                ("type", "ARSON", 4, 0.02, 0.001),
                ("location_type", "CTA STATION", 50, 0.25, 0.1),
            ]
        ),
        PeakHours(22, 1, 0.4, 0.2),
    )
    assert found.density == pytest.approx(20)
    assert found.type == ("ROBBERY", pytest.approx(3.0))
    assert found.location_type == ("CTA STATION", pytest.approx(2.5))
    assert found.peak


def test_without_a_notable_value_the_contrast_names_none() -> None:
    found = contrast_of(
        60, 1, (12_000, 600), lifts([("type", "THEFT", 30, 0.5, 0.5)]), PeakHours(10, 13, 0.2, 0.2)
    )
    assert found == Contrast(3.0, None, None, peak=False)
