"""docs/change.md states the constants that the code has."""

from __future__ import annotations

import pytest

from analytics.overview import change_evaluation, change_rivals
from analytics.statistics import expected_counts, season_model, tiers
from analytics.statistics.level import LEVEL
from tests import ROOT

TEXT = " ".join((ROOT / "docs" / "change.md").read_text(encoding="utf-8").split())


@pytest.mark.parametrize(
    "stated",
    [
        f"½^(k/{expected_counts.HALF_LIFE_WEEKS}) y",
        f"k = 1, 2, … {expected_counts.MEMORY_WEEKS}",
        f"last {expected_counts.WINDOWS} periods ({expected_counts.WEEKLY_WINDOWS} of up to",
        f"With {expected_counts.FEWEST_WINDOWS} to {expected_counts.SURE_WINDOWS - 1} periods",
        f"fewer than *{expected_counts.FEWEST_WINDOWS} past periods* after the first "
        f"{expected_counts.WARM_UP_WEEKS} weeks",
        f"learned again every {expected_counts.REFIT_DAYS} days",
        f"standard deviation {season_model.SPREAD} on",
        f"(a under {expected_counts.FEWEST_INCIDENTS})",
        f"up to p = {tiers.WATCH_P}",
        f"false discovery rate of {LEVEL:.0%}",
        f"within a factor of {change_evaluation.REACH}",
    ],
)
def test_a_constant_is_the_one_stated(stated: str) -> None:
    assert stated in TEXT


def test_numbers_in_words_are_those_of_the_code() -> None:
    assert season_model.HARMONICS == 2
    assert season_model.MOST_WEEKS == 4 * 52
    assert season_model.FEWEST_WEEKS == 2 * 52
    assert tiers.MOST_WATCHED == 5
    assert (change_rivals.EARS_BASE, change_rivals.EARS_GAP) == (7, 2)
    assert (change_rivals.FARRINGTON_YEARS, change_rivals.FARRINGTON_HALF_WIDTH) == (3, 1)


def test_every_rule_has_a_row() -> None:
    named = {
        "expected_counts": "**season × discounted level**",
        "known_mean": "limit: mean known, Poisson",
        "before": "√ test, days before",
        "last_year": "√ test, last year",
        "wheeler_3_years": "Wheeler, 3 years",
        "control_chart_52_weeks": "control chart, 52 weeks",
        "ears_c2": "EARS C2",
        "farrington": "Farrington",
    }
    assert named.keys() == change_rivals.RULES.keys()
    for row in named.values():
        assert TEXT.count(f"| {row} |") == 2
