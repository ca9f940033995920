"""Values of a stored explanation that pages put into words."""

from __future__ import annotations

from enum import StrEnum, unique


@unique
class LearnedRole(StrEnum):
    """What the learned forecaster is to the forecaster in use."""

    IN_USE = "in_use"
    PART_IN_USE = "part_in_use"  # of the ensemble
    NOMINATED = "nominated"  # and it did not beat the simple forecaster in use
    PART_NOMINATED = "part_nominated"
    COMPARED = "compared"


@unique
class FeatureGroup(StrEnum):
    """Groups of the learned forecaster's features."""

    RECENT_IN_CELL = "recent_in_cell"
    RECENT_AROUND = "recent_around"
    LONG_RUN_IN_CELL = "long_run_in_cell"
    LONG_RUN_AROUND = "long_run_around"
    OTHER_TYPES = "other_types"
    ALL_CRIME = "all_crime"
    HOURS = "hours"
    SEASON = "season"
