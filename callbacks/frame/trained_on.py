"""The incidents a version was trained on, in words."""

from __future__ import annotations

from analytics.crossfilter.selection import Selection
from analytics.crossfilter.sentence import chips
from analytics.errors import InputError
from analytics.services import Pinned

EVERYTHING = "all incidents"


def trained_on_other(pinned: Pinned, text: str, selection: Selection) -> str:
    """What a version was trained on, in words, where that is not the selection; else empty."""
    return "" if pinned.is_of(text, selection) else trained_on(pinned, text)


def trained_on(pinned: Pinned, text: str) -> str:
    """Title of the target, or the version's selection as labels.

    The text itself where the data lacks one of its dimensions.
    """
    try:
        selection = Selection.parse(text, pinned.attributes)
    except InputError:
        return text
    for target in pinned.targets.offered.values():
        if selection and target.selection == selection:
            return target.title[0].lower() + target.title[1:]
    labels = {attribute.name: attribute.label for attribute in pinned.snapshot.manifest.attributes}
    found = chips(selection, pinned.vocabulary.names, labels)
    return ", ".join(chip.label for chip in found) or EVERYTHING
