"""The target of the models that a page shows, and how the selection relates to it, in words."""

from __future__ import annotations

from analytics.artifacts.catalog import ALL
from analytics.artifacts.targets import ModelTarget, ShownTarget
from analytics.formats import percent

SMALLEST_SHARE = 0.001


def target_name(target: ModelTarget) -> str:
    """`robbery`, as a part of a sentence."""
    return target.title[:1].lower() + target.title[1:]


def target_sentences(found: ShownTarget, version: int) -> str:
    """Whose zones are shown, why they are not the selection's, and the selection's share.

    Parameters
    ----------
    version
        Of the zones.
    """
    shown, named = target_name(found.shown), target_name(found.named)
    words = [f"Zones of {shown}, version {version}."]
    if found.named != found.shown:
        words.insert(0, f"No zones of {named} are in use.")
    if found.share is not None and found.share < 1:
        share = "less than 0.1%" if found.share < SMALLEST_SHARE else percent(found.share, 1)
        whole = shown if found.shown.name == ALL else f"all {shown}"
        words.append(
            f"The selection is {share} of {whole}; profiles, reasons, trends and expected counts "
            f"are of {whole}."
        )
    return " ".join(words)
