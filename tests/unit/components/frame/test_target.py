"""The target of the zones in words."""

from __future__ import annotations

import pytest

from analytics.artifacts.targets import ALL_INCIDENTS, ModelTarget, ShownTarget
from analytics.crossfilter.selection import Selection
from components.frame.target import target_sentences

ROBBERY = ModelTarget("robbery", "Robbery", Selection.parse("group=part_i:robbery"))


@pytest.mark.parametrize(
    ("shown", "named", "share", "said"),
    [
        (ROBBERY, ROBBERY, 1.0, ("Zones of robbery, version 3.",)),
        (ROBBERY, ROBBERY, 0.081, ("Zones of robbery", "8.1% of all robbery")),
        (ROBBERY, ROBBERY, 0.0001, ("less than 0.1% of all robbery",)),
        (ALL_INCIDENTS, ALL_INCIDENTS, 1.0, ("Zones of all incidents, version 3.",)),
        (ALL_INCIDENTS, ROBBERY, 0.04, ("No zones of robbery", "4.0% of all incidents")),
        (ALL_INCIDENTS, ALL_INCIDENTS, None, ("Zones of all incidents, version 3.",)),
    ],
)
def test_the_note_names_the_target_and_the_share_of_it(
    shown: ModelTarget, named: ModelTarget, share: float | None, said: tuple[str, ...]
) -> None:
    text = target_sentences(ShownTarget(shown, named, share), 3)
    for words in said:
        assert words in text
    assert ("No zones" in text) == (shown != named)
    assert ("The selection" in text) == (share not in (None, 1.0))


@pytest.mark.parametrize(
    ("zones_of", "expected_of", "said"),
    [
        ("", "", "Profiles, reasons, trends and expected counts are of all robbery."),
        ("", None, "Profiles, reasons and trends are of all robbery."),
        ("Strong-arm", "Strong-arm", "Profiles, reasons, trends and expected counts are of Stro"),
        ("Strong-arm", "", "trends are of Strong-arm; expected counts are of all robbery."),
        ("", "Armed", "trends are of all robbery; expected counts are of Armed."),
    ],
)
def test_zones_and_forecast_of_a_part_of_the_target_are_said_to_be(
    zones_of: str, expected_of: str | None, said: str
) -> None:
    found = ShownTarget(ROBBERY, ROBBERY, 0.5)
    text = target_sentences(found, 3, zones_of=zones_of, expected_of=expected_of)
    assert said in text
    assert ("trained only on" in text) == bool(zones_of)
