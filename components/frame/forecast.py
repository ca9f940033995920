"""What the forecast expects and how far it goes, in words."""

from __future__ import annotations

import re

from analytics.formats import percent, short_date
from analytics.zones.outlook import Caveats, NoOutlook, Outlook

MISSING = {
    NoOutlook.NO_FORECAST: "There is no forecast yet: train one to see what is expected.",
    NoOutlook.NO_PAST_FORECASTS: "The forecast was made by an older program that kept no past "
    "forecasts, so there is no interval: train it again.",
    NoOutlook.TOO_FEW_PAST_FORECASTS: "The forecast has too few past forecasts to judge zones by.",
}


def outlook_sentence(found: Outlook) -> str:
    """Which days, by which forecaster, and what its interval was worth; or why there is none."""
    if found.missing:
        return MISSING[found.missing]
    if found.calibration is None or found.first is None or found.last is None:
        return ""
    return (
        f"Expected from {short_date(found.first)} to {short_date(found.last)} by "
        f"{forecaster_words(found.forecaster)} (version {found.version}). The 95% interval held "
        f"{percent(found.calibration.coverage, 0)} of the counts in {found.calibration.folds} past "
        "forecasts."
    )


def caveat_words(found: Caveats) -> str:
    """What differs between the forecast and what the page shows; empty where nothing does."""
    words = []
    if found.target is not None:
        of = found.target or "all incidents"
        words.append(f"It is a forecast of {of}, not of the current selection.")
    if found.data_until is not None:
        words.append(
            f"It was made before newer data came; they end on {short_date(found.data_until)}."
        )
    return " ".join(words)


def forecaster_words(name: str) -> str:
    """`counts of the last 60 days` of `counts_60d`; the name where there are no words."""
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
