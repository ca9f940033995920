"""Why a value is proposed for a parameter of zones, in words."""

from __future__ import annotations

from collections.abc import Mapping

from analytics.formats import length_unit, number, percent
from components.frame.parameters import field_text


def proposal_words(parameter: str, value: float, evidence: Mapping[str, float]) -> str:
    """One sentence from what `analytics.hotspots.proposals` found; empty for other parameters."""
    if parameter == "eps_m":
        if "share" not in evidence:
            found = "nearly everywhere incidents are too sparse for a knee"
        else:
            share, within = percent(evidence["share"], 0), evidence["min_samples"]
            found = f"{share} of the incidents have {within:g} within it"
        shown = f"{field_text(parameter, value)} {length_unit()}"
        return f"eps {shown}: the knee of the k-distance curve; {found}."
    if parameter == "min_samples":
        return (
            f"min_samples {value:g}: the largest of {evidence['zones']:g} zones holds "
            f"{percent(evidence['largest_share'])} of the incidents, "
            f"{percent(evidence['noise_share'], 0)} are noise."
        )
    if parameter == "zones":
        return (
            f"{value:g} zones: the knee of the dendrogram; within them is "
            f"{percent(evidence['spread_share'], 0)} of the city's spread."
        )
    if parameter == "k":
        return (
            f"{value:g} zones: near the knee of the inertia at {evidence['knee']:g}, with adjusted "
            f"Rand {number(evidence['agreement'], 2)} between {evidence['seeds']:g} seeds (best "
            f"{number(evidence['best_agreement'], 2)})."
        )
    return ""
