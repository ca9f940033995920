"""How the forecaster of a version was chosen, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from analytics.artifacts.baseline import FEWEST_FOLDS, MARGIN
from analytics.formats import numbers, percent, percent_suffix, signed_number
from components.frame.forecast import forecaster_words
from components.frame.variables import sentence_case


def nomination_words(parameters: Mapping[str, Any]) -> str:
    """The gain of the nominated candidate over the best baseline; empty where there was none.

    Runs of earlier versions of PatrolIQ logged a sentence in the parameter `reason`.
    """
    if "best_baseline" not in parameters:
        return str(parameters.get("reason") or "")
    baseline = forecaster_words(str(parameters["best_baseline"]))
    if not parameters.get("nominee"):
        return f"No candidate was compared; {baseline} was the best baseline."
    nominee = forecaster_words(str(parameters["nominee"]))
    if "nominee_capture_gain" not in parameters:
        return _by_first_share(parameters, nominee, baseline)
    gains = _gains(parameters, baseline)
    if parameters.get("forecaster") == parameters["nominee"]:
        return f"{sentence_case(nominee)}, nominated before the first fold, {gains}"
    failed = " and ".join(_failed(parameters)) or "was not chosen"
    return f"The best baseline stays: {nominee} {failed}. It {gains}"


def _gains(parameters: Mapping[str, Any], baseline: str) -> str:
    """Both tests of the champion rule, each by its interval."""
    gain, low, high = _percentages(parameters, "nominee_capture_gain")
    first, first_low, first_high = _percentages(parameters, "nominee_first_gain")
    return (
        f"catches {signed_number(gain, 1)} percentage points ({numbers(low, high, 1)}) of "
        f"incidents on 1 to 10% of {_whole(parameters)} compared with {baseline}; on 1% the "
        f"difference is {signed_number(first, 1)}{percent_suffix()} "
        f"({numbers(first_low, first_high, 1)}) of what that baseline catches there."
    )


def _failed(parameters: Mapping[str, Any]) -> list[str]:
    """Which of its two tests the nominee failed."""
    failed = []
    if int(parameters.get("folds", FEWEST_FOLDS)) < FEWEST_FOLDS:
        failed.append(f"had fewer than {FEWEST_FOLDS} test forecasts")
    if float(parameters["nominee_capture_gain_low"]) <= 0:
        failed.append(f"is not shown to catch more on 1 to 10% of {_whole(parameters)}")
    if float(parameters["nominee_first_gain_low"]) <= -MARGIN:
        failed.append(f"may lose {percent(MARGIN, 0)} or more on 1%")
    return failed


def _whole(parameters: Mapping[str, Any]) -> str:
    """What the flagged shares are of."""
    return "the street length" if parameters.get("unit") == "block" else "the area"


def _percentages(parameters: Mapping[str, Any], name: str) -> tuple[float, float, float]:
    value, low, high = (100 * float(parameters[name + end]) for end in ("", "_low", "_high"))
    return value, low, high


def _by_first_share(parameters: Mapping[str, Any], nominee: str, baseline: str) -> str:
    """Of runs that were decided by the PAI at the first share of the area alone."""
    gain, low, high = (float(parameters[f"nominee_gain{end}"]) for end in ("", "_low", "_high"))
    gained = f"{signed_number(gain, 2)} PAI ({numbers(low, high, 2)}) over {baseline}"
    if low > 0:
        return f"{sentence_case(nominee)}, nominated before the first fold, gains {gained}."
    return f"No candidate beats the best baseline: {nominee} gains {gained}."
