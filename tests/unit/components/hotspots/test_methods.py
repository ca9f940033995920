"""Which method is best, in words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from analytics.artifacts.method_comparison import (
    Caught,
    ComparedMethod,
    Measure,
    MethodComparison,
    ZoneFacts,
)
from analytics.artifacts.targets import ALL_INCIDENTS
from components.hotspots.methods import ShownComparison, comparison_content, verdicts
from tests.integration.stored_models import parts, words

FACTS = ZoneFacts(9, (0.8, 0.7, 0.9), 0.31, 0.157, 0.0, 0.6)


def method(name: str, rate: float, model: str = "", width: float = 0.005) -> ComparedMethod:
    measures: tuple[Measure, ...] = ("street", "area")
    ends = rate - width, rate + width
    caught = {
        one: Caught(one, 7, rate, *ends, 100 * rate, *(100 * end for end in ends))
        for one in measures
    }
    return ComparedMethod(name, model, {}, caught, FACTS if model else None)


COMPARISON = MethodComparison(
    "all", "20261031T000000000-00000001", "2026-11-01T10:00:00+00:00", "analyst",
    "2023-11-01", "2026-04-05", "2026-10-03", 15_812, 3_483, 0.01, 1.2, 0.01,
    (
        method("blocks", 0.117),
        method("foot places", 0.096, "zones_foot"),
        method("cells 250 m", 0.065),
        method("K-means zones", 0.016, "zones_kmeans"),
    ),
)  # fmt: skip


def test_the_clearly_best_is_named_with_why_and_the_best_that_holds_together() -> None:
    street, area = verdicts(COMPARISON)
    assert street.startswith("On 1% of the street length, single blocks caught most, 11.7%")
    assert "1.8 times counts in cells" in street
    assert "busiest blocks of the whole city" in street
    assert "Next is foot places with 9.6%" in street
    assert "Of places that hold together, foot places caught most" in street
    assert "no clear difference" not in street + area


def test_overlapping_intervals_are_no_clear_difference() -> None:
    near = replace(COMPARISON, methods=(*COMPARISON.methods, method("cells 100 m", 0.109)))
    street = verdicts(near)[0]
    assert "no clear difference between single blocks" in street
    assert "counts in cells of 330 ft" in street.partition("hold together")[0]


def test_many_that_overlap_are_counted() -> None:
    many = [method(f"way {number}", 0.116) for number in range(6)]
    street = verdicts(replace(COMPARISON, methods=(*COMPARISON.methods, *many)))[0]
    assert "way 0, way 1, way 2 and 3 more: their intervals overlap" in street


def test_without_street_lengths_only_the_area_is_compared() -> None:
    (area,) = verdicts(replace(COMPARISON, street_share=None))
    assert "of the area" in area


def test_the_table_has_every_method_and_no_value_where_there_is_none() -> None:
    shown = ShownComparison(ALL_INCIDENTS, COMPARISON, True, False, frozenset({"zones_kmeans"}))
    content = comparison_content(shown)
    rows = [one for one in parts(content) if type(one).__name__ == "Tr"]
    assert len(rows) == 1 + len(COMPARISON.methods)
    blocks, foot = words(rows[1]), words(rows[2])
    assert "11.7% 11.2 to 12.2%; 7 places" in blocks
    assert blocks.endswith("– – – –")
    assert "0.80 0.70 to 0.90" in foot
    buttons = [one for one in parts(content) if type(one).__name__ == "Button"]
    assert [words(one) for one in buttons] == ["Counts in cells of 820 ft", "K-means zones"]


@pytest.mark.parametrize("in_progress", [False, True])
def test_a_missing_comparison_offers_one_unless_it_is_being_made(in_progress: bool) -> None:
    content = comparison_content(ShownComparison(ALL_INCIDENTS, None, False, in_progress))
    offers = [one for one in parts(content) if getattr(one, "name", "") == "target"]
    assert len(offers) == (not in_progress)
