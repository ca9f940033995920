"""A champion's accuracy since training, in words."""

from __future__ import annotations

from analytics.artifacts.champion_checks import FEWEST_WEEKS, ChampionCheck, CheckedBy, Drift
from analytics.formats import number, numbers, percent, percents, signed_number, signed_percent

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
    if check.measure is CheckedBy.PINBALL:
        return _loss_sentence(check)
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


def _loss_sentence(check: ChampionCheck) -> str:
    """The same of forecast counts: pinball loss, and bias where it is significant."""
    total = check.total
    weeks = f"{total['weeks']} week{'s' if total['weeks'] > 1 else ''} since"
    loss, other = total["pinball"][0], total["baseline_pinball"][0]
    found = f"pinball loss {number(loss, 3)} in {weeks}, {check.baseline} {number(other, 3)}"
    said = SHORT[check.drift]
    if check.drift is Drift.TOO_FEW_WEEKS:
        return f"{said}: {found}. An interval needs at least {FEWEST_WEEKS} weeks."
    gain, low, high = total["gain"]
    text = f"{said}: {found}, {percent(gain, 1)} less ({percents(low, high, 1)})."
    bias, low, high = total["bias"]
    if low > 0 or high < 0:
        text += f" Bias: it expected {signed_percent(bias)} ({percents(low, high, 1)})."
    return text
