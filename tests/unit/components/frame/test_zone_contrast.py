"""How a zone differs from the city, in words."""

from __future__ import annotations

from components.frame.zone_contrast import contrast_words

PROFILE = {
    "incidents": 200, "km2": 0.5, "density_ratio": 20.0,
    "notable_type": "ROBBERY", "notable_type_lift": 3.0,
    "notable_location": "CTA STATION", "notable_location_lift": 2.5,
    "notable_peak": True, "peak_first": 22, "peak_last": 1, "peak_share": 0.4,
    "peak_city_share": 0.2,
}  # fmt: skip
LIKE_THE_CITY = {"notable_type": None, "notable_location": None, "notable_peak": False}


def test_density_type_location_and_hours_are_named() -> None:
    assert contrast_words(PROFILE) == (
        "200 incidents on 0.19 sq mi, 20 times the city's density; Robbery is 3.0 times as common; "
        "CTA Station, 2.5 times; 40% at 10 PM–2 AM (city 20%)."
    )


def test_a_zone_like_the_city_is_said_to_be() -> None:
    said = contrast_words(PROFILE | LIKE_THE_CITY)
    assert said.endswith("types, location types and hours are like the city's.")


def test_an_added_zone_has_no_profile_to_describe() -> None:
    assert contrast_words({}) == ""
