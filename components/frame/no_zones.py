"""Why there are no zones to show, in the words of Hot spots and Overview."""

from __future__ import annotations

from enum import Enum, auto, unique


@unique
class NoZones(Enum):
    """Reason why there are no zones."""

    NONE_TRAINED = auto()
    IN_TRAINING = auto()
    REFUSED = auto()
    NOT_PROMOTED = auto()
    NOT_SEEN = auto()


NO_ZONES = {
    NoZones.NONE_TRAINED: "Train zones on the Hot spots page, and they appear here.",
    NoZones.IN_TRAINING: "Training in progress; zones appear here once they pass their promotion "
    "checks.",
    NoZones.REFUSED: "The trained versions failed their promotion checks; the Models page says "
    "why.",
    NoZones.NOT_SEEN: "Zones are shown if they are in use, are wholly within what you may see, and "
    "have enough incidents that you may see.",
    NoZones.NOT_PROMOTED: "Trained versions wait to be promoted on the Models page.",
}
