"""The forecast's period, forecaster and caveats, in words."""

from __future__ import annotations

import re
from datetime import date

from analytics.formats import date_range, percent, short_date
from analytics.zones.outlook import NoOutlook, Outlook

MISSING = {
    NoOutlook.NO_FORECAST: "No forecast of these incidents yet. Train one to see expected counts.",
    NoOutlook.OF_WHOLE_CITY: "Expected counts of zones need the whole city, of which you see some "
    "areas; the hot-spot forecast has the expected counts of cells in them.",
    NoOutlook.TOO_FEW_PAST_FORECASTS: "Too few past forecasts to compute intervals for zones.",
}


def outlook_sentence(found: Outlook) -> str:
    """The days, the forecaster and the coverage of its interval; or why there is no forecast."""
    if found.missing:
        return MISSING[found.missing]
    if found.calibration is None or found.first is None or found.last is None:
        return ""
    of = " of the whole target" if found.is_of_part else ""
    return (
        f"Expected for {date_range(found.first, found.last)} by "
        f"{forecaster_words(found.forecaster)} (version {found.version}). The 95% interval{of} "
        f"covered {percent(found.calibration.coverage, 0)} of the counts in "
        f"{found.calibration.folds} past forecasts, each made from the weeks before it."
    )


def other_incidents_words(of: str) -> str:
    """Which incidents (`of`) are forecast, where those are not the selected ones."""
    return f"It is a forecast of {of}, not of the current selection."


def newer_data_words(until: date | None) -> str:
    """Until when there is newer data than the forecast's; empty where there is none."""
    if until is None:
        return ""
    return f"It was made before the newest data, which ends on {short_date(until)}."


def forecaster_words(name: str) -> str:
    """`counts_60d` → `counts of the last 60 days`; the name itself where it has no words."""
    known = {
        "counts_all": "counts of all days",
        "kde_tuned": "the smoothed density (KDE)",
        "kde_decayed": "the time-decayed density (KDE)",
        "near_repeat": "near repeats",
        "mixture": "the mixture of density and near repeats",
        "learned": "the learned forecaster",
        "ensemble": "the ensemble of learned and mixed forecasters",
    }
    found = re.fullmatch(r"counts_(\d+)d", name)
    if found:
        return f"counts of the last {found[1]} days"
    return (
        "the smoothed density (KDE)"
        if name.startswith("kde_") and name not in known
        else (known.get(name, name))
    )
