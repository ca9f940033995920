"""Views by name."""

from __future__ import annotations

import pytest

from analytics.crossfilter.views import bounds, view
from analytics.errors import InputError


@pytest.mark.parametrize(
    ("name", "bins"),
    [
        ("total", ()),
        ("hour_weekday", ("weekday", "hour")),
        ("group:part_i", ("group",)),
        ("cells:250", ("cell",)),
        ("map:ward", ("ward",)),
        ("points:-87.7,41.8,-87.6,41.9", ("lat", "lon", "point_id")),
        ("premise", ("premise",)),
        ("zone:kmeans", ("zone",)),
    ],
)
def test_a_view_has_the_bins_of_its_name(name: str, bins: tuple[str, ...]) -> None:
    assert view(name).bins == bins


@pytest.mark.parametrize(
    "name",
    [
        "",
        "Type",
        "cells:",
        "cells:5",
        "cells:x",
        "map:city",
        "points:1,2,3",
        "group:",
        "group:'",
        "zone",
        "zone:",
        "zone:K-means",
        "a b",
        "no:such",
    ],
)
def test_an_unknown_view_is_refused(name: str) -> None:
    with pytest.raises(InputError):
        view(name)


def test_a_name_that_is_no_attribute_is_told_the_nearest() -> None:
    with pytest.raises(InputError, match="did you mean district"):
        view("distrct", attributes=["premise"])
    assert view("premise", attributes=["premise"]).owns == {"premise"}


def test_a_view_of_labels_knows_the_registered_name_of_their_model() -> None:
    assert view("zone:kmeans").model == "zones_kmeans"
    assert view("cells:250").model == view("premise").model == ""


def test_bounds_are_west_south_east_north() -> None:
    assert bounds(view("points:-87.7,41.8,-87.6,41.9")) == (-87.7, 41.8, -87.6, 41.9)
