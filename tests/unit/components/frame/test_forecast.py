"""What a forecast expects, in words."""

from __future__ import annotations

from datetime import date

import pytest

from analytics.zones.expected import Calibration
from analytics.zones.outlook import NoOutlook, Outlook
from components.frame.forecast import (
    forecaster_words,
    newer_data_words,
    other_incidents_words,
    outlook_sentence,
)

CALIBRATION = Calibration(0.05, 0.94, 12)


def test_what_is_expected_names_days_forecaster_and_what_the_interval_was_worth() -> None:
    found = Outlook(None, date(2026, 3, 2), 7, "counts_60d", version=4, calibration=CALIBRATION)
    assert outlook_sentence(found) == (
        "Expected for Mar 2 to 8, 2026 by counts of the last 60 days (version 4). The "
        "95% interval covered 94% of the counts in 12 past forecasts, each made from the weeks "
        "before it."
    )
    assert found.about["last"] == "2026-03-08"
    assert found.about["interval_coverage"] == 0.94
    assert found.about["shared_error"] == 0.05


@pytest.mark.parametrize("why", NoOutlook)
def test_why_nothing_is_expected_is_said(why: NoOutlook) -> None:
    assert outlook_sentence(Outlook(why)).endswith(".")
    assert Outlook(why).about == {"missing": why}


def test_what_differs_from_the_page_is_said() -> None:
    assert newer_data_words(None) == ""
    assert "Apr 1, 2026" in newer_data_words(date(2026, 4, 1))
    assert "Robbery, not of the current selection" in other_incidents_words("Robbery")


@pytest.mark.parametrize("name", ["kde_tuned", "kde_250m"])
def test_density_has_one_name(name: str) -> None:
    assert forecaster_words(name) == "the smoothed density (KDE)"
