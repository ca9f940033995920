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
