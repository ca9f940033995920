"""Names an officer knows."""

from __future__ import annotations

import polars as pl
import pytest

from analytics.hotspots.place_names import Block, block_places, titled, zone_name
from analytics.hotspots.profiles import Peak, why_here


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
    assert Block.of(text).words == words


def test_the_cross_street_is_the_nearest_that_runs_the_other_way() -> None:
    blocks = ["047XX S HERMITAGE AVE"] * 3 + ["047XX S PAULINA ST", "017XX W 47TH ST"]
    city = pl.DataFrame(
        {
            "block": [*blocks, "017XX W 48TH ST"],
            "beat": ["0931"] * 4 + ["0932"] * 2,
            "x_m": [0.0, 0, 0, 20, 50, 60],
            "y_m": [0.0, 0, 0, 0, 100, -120],
        }
    )
    name = zone_name(4, city.head(4), block_places(city))
    assert name == "4700 block of S Hermitage Ave near W 47th St, beat 0931"


def test_without_directions_or_blocks_the_name_is_what_is_left() -> None:
    schema = {"block": pl.String, "beat": pl.String, "x_m": pl.Float64, "y_m": pl.Float64}
    odd = pl.DataFrame([("ELM ST", "12", 0.0, 0.0)], schema=schema, orient="row")
    assert zone_name(0, odd, block_places(odd)) == "Elm St, beat 12"
    bare = pl.DataFrame([(None, None, 0.0, 0.0)], schema=schema, orient="row")
    assert zone_name(0, bare, block_places(bare)) == "Zone 1"
    assert titled("W 103RD ST") == "W 103rd St"


def lifts(rows: list[tuple[str, str, int, float, float]]) -> pl.DataFrame:
    columns = ["dimension", "value", "incidents", "share", "city_share"]
    frame = pl.DataFrame(rows, schema=columns, orient="row")
    return frame.with_columns(lift=pl.col("share") / pl.col("city_share"))


def test_why_here_names_what_sets_a_zone_apart() -> None:
    found = why_here(
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
        Peak(22, 1, 0.4, 0.2),
    )
    assert found == (
        "200 incidents on 0.50 km², 20 times the city's density; Robbery is 3.0 times as common; "
        "CTA Station, 2.5 times; 40 % between 22-02 h (city 20 %)."
    )


def test_why_here_says_so_where_nothing_does() -> None:
    found = why_here(
        60, 1, (12_000, 600), lifts([("type", "THEFT", 30, 0.5, 0.5)]), Peak(10, 13, 0.2, 0.2)
    )
    assert found.endswith("3.0 times the city's density; types, kinds of place and hours are like "
                          "the city's.")  # fmt: skip
