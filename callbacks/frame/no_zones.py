"""Why a page has no zones to show."""

from __future__ import annotations

from analytics.artifacts.index import read_index
from analytics.zones.zone_list import PREFIX
from callbacks.frame.kept_state import latest_jobs
from callbacks.frame.question import Question
from components.hotspots.zones import NoZones


def why_no_zones(question: Question) -> NoZones:
    """Training waits or runs, what was trained was refused or waits for promotion, or nothing."""
    if any(
        not job.is_finished and any(word.startswith(PREFIX) for word in job.command)
        for job in latest_jobs(question.services)
    ):
        return NoZones.IN_TRAINING
    rows = read_index(question.services.settings.home)["versions"]
    trained = [row for row in rows if row["name"].startswith(PREFIX)]
    if not trained:
        return NoZones.NONE_TRAINED
    refused = all(row["refused"] for row in trained)
    return NoZones.REFUSED if refused else NoZones.NOT_PROMOTED
