"""How a champion has done since training, in words."""

from __future__ import annotations

from analytics.artifacts.checks import FEWEST_WEEKS, Check, Drift

SHORT = {
    Drift.NO_WEEK: "No complete week yet",
    Drift.TOO_FEW_WEEKS: "Too few weeks to judge",
    Drift.WORSE: "It does significantly worse than the baseline",
    Drift.BETTER: "It holds: it does significantly better than the baseline",
    Drift.SIMILAR: "It does not differ significantly from the baseline",
}


def drift_sentence(check: Check) -> str:
    """What the weeks since come to, with their figures."""
    total = check.total
    if check.drift is Drift.NO_WEEK:
        return "No complete week has passed since its training data ended."
    weeks = f"{total['weeks']} week{'s' if total['weeks'] > 1 else ''} since"
    said = SHORT[check.drift]
    if check.drift is Drift.TOO_FEW_WEEKS:
        return (
            f"{said}: PAI {total['pai'][0]:.2f} in {weeks}, {check.baseline} "
            f"{total['baseline_pai'][0]:.2f}; from {FEWEST_WEEKS} weeks on there is an interval."
        )
    pai, low, high = total["pai"]
    gain, gain_low, gain_high = total["gain"]
    found = f"PAI {pai:.2f} ({low:.2f} to {high:.2f}) in {weeks}"
    against = f"{gain:+.2f} ({gain_low:+.2f} to {gain_high:+.2f}) against {check.baseline}"
    text = f"{said}: {found}, {against}."
    if check.fell:
        then, least, most = check.expected
        text += f" At training it had {then:.2f} ({least:.2f} to {most:.2f})."
    return text
