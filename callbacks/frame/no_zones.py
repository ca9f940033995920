"""Why a page has no zones to show."""

from __future__ import annotations

from analytics.access.stored_results import seen_results
from analytics.artifacts.bundle import models_with_champion
from analytics.artifacts.catalog import ALL, target_of
from analytics.artifacts.index import read_index
from analytics.zones.zone_list import PREFIX
from callbacks.frame.question import Question
from callbacks.frame.work import open_trainings
from components.frame.no_zones import NoZones


def why_no_zones(question: Question) -> NoZones:
    """Find out whether zones are not seen, in training, refused, not promoted or missing."""
    home = question.services.settings.home
    in_use = any(name.startswith(PREFIX) for name in models_with_champion(home))
    if in_use and not seen_results().counts:
        return NoZones.NOT_SEEN
    if open_trainings(question.services, PREFIX).jobs:
        return NoZones.IN_TRAINING
    rows = read_index(home)["versions"]
    names = [row["name"] for row in rows]
    of_all = {name for name in names if name.startswith(PREFIX) and target_of(name) == ALL}
    trained = [row for row in rows if row["name"] in of_all]
    if not trained:
        return NoZones.NONE_TRAINED
    refused = all(row["refused"] for row in trained)
    return NoZones.REFUSED if refused else NoZones.NOT_PROMOTED
