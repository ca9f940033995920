"""How the forecaster of a version was chosen, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from analytics.formats import numbers, signed_number, signed_percents
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
    gain, low, high = (
        100 * float(parameters[f"nominee_capture_gain{end}"]) for end in ("", "_low", "_high")
    )
    first = signed_percents(
        *(float(parameters[f"nominee_first_gain{end}"]) for end in ("_low", "_high"))
    )
    gained = (
        f"catches {signed_number(gain, 1)} percentage points ({numbers(low, high, 1)}) of "
        f"incidents on 1 to 10% of the area compared with {baseline}, and {first} on 1%."
    )
    if parameters.get("forecaster") == parameters["nominee"]:
        return f"{sentence_case(nominee)}, nominated before the first fold, {gained}"
    return f"No candidate beats the best baseline: {nominee} {gained}"


def _by_first_share(parameters: Mapping[str, Any], nominee: str, baseline: str) -> str:
    """Of runs that were decided by the PAI at the first share of the area alone."""
    gain, low, high = (float(parameters[f"nominee_gain{end}"]) for end in ("", "_low", "_high"))
    gained = f"{signed_number(gain, 2)} PAI ({numbers(low, high, 2)}) over {baseline}"
    if low > 0:
        return f"{sentence_case(nominee)}, nominated before the first fold, gains {gained}."
    return f"No candidate beats the best baseline: {nominee} gains {gained}."
