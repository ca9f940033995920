"""A champion's accuracy since training, in words."""

from __future__ import annotations

from analytics.artifacts.champion_checks import FEWEST_WEEKS, ChampionCheck, Drift
from analytics.formats import number, numbers, signed_number

SHORT = {
    Drift.NO_WEEK: "No complete week yet",
    Drift.TOO_FEW_WEEKS: "Too few weeks to judge",
    Drift.WORSE: "Significantly worse than the baseline",
    Drift.BETTER: "Still significantly better than the baseline",
    Drift.SIMILAR: "Not significantly different from the baseline",
}


def drift_sentence(check: ChampionCheck) -> str:
    """What the weeks since come to, with their figures."""
    total = check.total
    if check.drift is Drift.NO_WEEK:
        return "No complete week has passed since its training data ended."
    weeks = f"{total['weeks']} week{'s' if total['weeks'] > 1 else ''} since"
    said = SHORT[check.drift]
    if check.drift is Drift.TOO_FEW_WEEKS:
        return (
            f"{said}: PAI {number(total['pai'][0], 2)} in {weeks}, {check.baseline} "
            f"{number(total['baseline_pai'][0], 2)}. An interval needs at least {FEWEST_WEEKS} "
            "weeks."
        )
    pai, low, high = total["pai"]
    gain, gain_low, gain_high = total["gain"]
    found = f"PAI {number(pai, 2)} ({numbers(low, high, 2)}) in {weeks}"
    against = (
        f"{signed_number(gain, 2)} ({signed_number(gain_low, 2)} to {signed_number(gain_high, 2)}) "
        f"compared with {check.baseline}"
    )
    text = f"{said}: {found}, {against}."
    if check.is_below_expected:
        then, least, most = check.expected
        text += f" At training it had {number(then, 2)} ({numbers(least, most, 2)})."
    return text
