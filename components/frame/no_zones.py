"""Why there are no zones to show, as Hot spots and Overview say it."""

from __future__ import annotations

from enum import Enum, auto, unique


@unique
class NoZones(Enum):
    """Why there are none."""

    NONE_TRAINED = auto()
    IN_TRAINING = auto()
    REFUSED = auto()
    NOT_PROMOTED = auto()


NO_ZONES = {
    NoZones.NONE_TRAINED: "Train them on the Hot spots page, and they appear here.",
    NoZones.IN_TRAINING: "Training in progress; they appear here once they pass their promotion "
    "checks.",
    NoZones.REFUSED: "What was trained was refused by its promotion checks; the Models page says "
    "why.",
    NoZones.NOT_PROMOTED: "Trained versions wait to be promoted on the Models page.",
}
