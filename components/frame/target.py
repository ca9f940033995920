"""The target of the models that a page shows, and how the selection relates to it, in words."""

from __future__ import annotations

from analytics.artifacts.catalog import ALL
from analytics.artifacts.targets import ModelTarget, ShownTarget
from analytics.formats import percent

SMALLEST_SHARE = 0.001


def target_name(target: ModelTarget) -> str:
    """`robbery`, as a part of a sentence."""
    return target.title[:1].lower() + target.title[1:]


def target_sentences(
    found: ShownTarget,
    version: int,
    *,
    zones_of: str = "",
    expected_of: str | None = "",
    of_part: bool = False,
) -> str:
    """Whose zones are shown, why they are not the selection's, and the selection's share.

    Parameters
    ----------
    version
        Of the zones.
    zones_of, expected_of
        The incidents on which the zones and the forecast were trained, where those are not the
        target's; `expected_of` is None where nothing is expected.
    of_part
        Whether expected counts are of the selection, a part of the target.
    """
    shown, named = target_name(found.shown), target_name(found.named)
    only = f", trained only on these incidents: {zones_of}" if zones_of else ""
    words = [f"Zones of {shown}, version {version}{only}."]
    if found.named != found.shown:
        words.insert(0, f"No zones of {named} are in use.")
    whole = shown if found.shown.name == ALL else f"all {shown}"
    part = found.share if found.share is not None and found.share < 1 else None
    if part is not None:
        share = "less than 0.1%" if part < SMALLEST_SHARE else percent(part, 1)
        words.append(f"The selection is {share} of {whole}.")
    if part is not None or zones_of or expected_of:
        expected = None if expected_of is None else expected_of or whole
        if expected and of_part:
            expected = f"the selection: the forecast of {whole} times its share in each zone"
        words.append(_trained_words(zones_of or whole, expected))
    return " ".join(words)


def _trained_words(zones: str, expected: str | None) -> str:
    if expected is None:
        return f"Profiles, reasons and trends are of {zones}."
    if expected == zones:
        return f"Profiles, reasons, trends and expected counts are of {zones}."
    return f"Profiles, reasons and trends are of {zones}; expected counts are of {expected}."
