"""Tiers of a table of tests."""

from __future__ import annotations

import numpy as np
import pytest

from analytics.statistics.tiers import ALONE, MOST_WATCHED, Tier, by_chance, tiers_of

QUIET = [0.5] * 90


def alone(p: list[float]) -> list[Tier]:
    """Tiers of rows that went up and have no parent."""
    return list(tiers_of(p, [True] * len(p), [ALONE] * len(p)).tiers)


def test_clear_rows_hold_the_false_discovery_rate_over_the_table() -> None:
    # Benjamini-Hochberg at 5 % of 100: the k-th smallest up to k × .0005.
    p = [0.0004, 0.0009, 0.0016, *[0.5] * 97]
    assert alone(p)[:3] == [Tier.CLEAR, Tier.CLEAR, Tier.WATCH]


def test_at_most_five_are_watched_the_smallest_first() -> None:
    p = [0.009, 0.008, 0.007, 0.006, 0.005, 0.004, 0.011, *QUIET]
    found = alone(p)
    assert found[:7] == [Tier.AS_EXPECTED, *[Tier.WATCH] * 5, Tier.AS_EXPECTED]
    assert found.count(Tier.WATCH) == MOST_WATCHED


def test_the_table_says_how_many_chance_brings() -> None:
    found = tiers_of([*[np.nan] * 6, *[0.5] * 424], [True] * 430, [ALONE] * 430)
    assert by_chance(found.tested) == pytest.approx(4.24)  # of p ≤ 0.01
    assert found.tiers[0] is Tier.NOT_TESTED
    assert found.tested == 424


def test_areas_fold_under_a_type_that_rose_citywide() -> None:
    # Row 0 is a type; 1 and 2 are its areas, up and down; 3 is an area of a type that did not rise.
    p = [1e-6, 1e-5, 1e-5, 1e-5, 0.5, *QUIET]
    more = [True, True, False, True, *[True] * 91]
    parent = [ALONE, 0, 0, 4, ALONE, *[ALONE] * 90]
    found = tiers_of(p, more, parent)
    assert found.tiers[:4] == (Tier.CLEAR,) * 4
    assert found.under[:4].tolist() == [ALONE, 0, ALONE, ALONE]


def test_a_clear_area_does_not_hide_under_a_type_that_is_only_watched() -> None:
    p = [0.004, 1e-7, 0.006, *QUIET]
    found = tiers_of(p, [True] * 93, [ALONE, 0, 0, *[ALONE] * 90])
    assert found.tiers[:3] == (Tier.WATCH, Tier.CLEAR, Tier.WATCH)
    assert found.under[:3].tolist() == [ALONE, ALONE, 0]


def test_folded_rows_take_no_place_among_the_five() -> None:
    p = [0.006, *[0.005] * 6, *[0.007] * 5, *QUIET]
    parent = [ALONE, *[0] * 6, *[ALONE] * 95]
    found = tiers_of(p, [True] * 102, parent)
    heads = [
        row for row, tier in enumerate(found.tiers) if tier is Tier.WATCH and found.under[row] < 0
    ]
    assert heads == [0, 7, 8, 9, 10]
    assert found.under[1:7].tolist() == [0] * 6


def test_an_empty_table_has_no_tiers() -> None:
    found = tiers_of([], [], [])
    assert (found.tiers, found.tested) == ((), 0)
