"""The dimensions that a selection can filter, in the order of the canonical text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from analytics.incidents.model import UNKNOWN


class Kind(Enum):
    """Format of a dimension's clauses."""

    WORDS = "words"
    HOURS = "hours"
    WEEKDAYS = "weekdays"
    HOUR_WEEKDAYS = "hour_weekdays"
    PERIOD = "period"
    CELLS = "cells"
    POLYGON = "polygon"
    NEAR = "near"
    CUSTOM_AREAS = "custom_areas"
    FLAG = "flag"
    ATTRIBUTE = "attribute"
    LABELS = "labels"


@dataclass(frozen=True)
class Dimension:
    """One dimension: its name in the text, its format and its label."""

    name: str
    kind: Kind
    label: str
    example: str
    column: str = ""  # column of `incidents`, if it is stored as one
    allowed: tuple[str, ...] = ()  # keys of a flag
    models: str = ""  # prefix of the models whose labels are its values; ends in _
    listed: bool = True  # whether the vocabulary lists its values; blocks are too many


_FLAG = ("yes", "no", UNKNOWN)
_TABLE = (
    Dimension("type", Kind.WORDS, "Crime type", "type=ROBBERY,THEFT", "type"),
    Dimension("group", Kind.WORDS, "Group", "group=violent", "group"),
    Dimension(
        "description", Kind.WORDS, "Description", "description=SIMPLE,RETAIL+THEFT", "description"
    ),
    Dimension(
        "location_type", Kind.WORDS, "Location type", "location_type=STREET", "location_type"
    ),
    Dimension("hour", Kind.HOURS, "Hour", "hour=22-02", "hour"),
    Dimension("weekday", Kind.WEEKDAYS, "Weekday", "weekday=5,6", "weekday"),
    Dimension("hour_weekday", Kind.HOUR_WEEKDAYS, "Hour and weekday", "hour_weekday=5-22,6-23"),
    Dimension("shift", Kind.WORDS, "Shift", "shift=Night", "shift"),
    Dimension("date", Kind.PERIOD, "Date", "date=2017-01-01..2017-12-31", "operational_day"),
    Dimension("district", Kind.WORDS, "District", "district=011", "district"),
    Dimension("beat", Kind.WORDS, "Beat", "beat=1132,1133", "beat"),
    Dimension("ward", Kind.WORDS, "Ward", "ward=28", "ward"),
    Dimension("area", Kind.WORDS, "Community area", "area=25", "area"),
    Dimension("block", Kind.WORDS, "Block", "block=012XX+S+WABASH+AVE", "block", listed=False),
    Dimension("cell", Kind.CELLS, "Map cell", "cell=250:1790_18560"),
    Dimension(
        "polygon", Kind.POLYGON, "Drawn area", "polygon=41.88,-87.65;41.89,-87.63;41.87,-87.62"
    ),
    Dimension("near", Kind.NEAR, "Near a place", "near=41.88,-87.63,500"),
    Dimension("custom_area", Kind.CUSTOM_AREAS, "Custom area", "custom_area=3f9a1c07e2"),
    Dimension("zone", Kind.LABELS, "Zone", "zone=kmeans@7:12,kmeans@7:14", models="zones_"),
    Dimension(
        "temporal_profile",
        Kind.LABELS,
        "Temporal profile",
        "temporal_profile=kmeans@2:1",
        models="temporal_",
    ),
    Dimension("arrest", Kind.FLAG, "Arrest", "arrest=yes", "arrest", _FLAG),
    Dimension("domestic", Kind.FLAG, "Domestic", "domestic=no", "domestic", _FLAG),
    Dimension("heaped", Kind.FLAG, "Rounded time", "heaped=no", "heaped_time", ("yes", "no")),
    Dimension(
        "default_address",
        Kind.FLAG,
        "Default address",
        "default_address=no",
        "default_address",
        ("yes", "no"),
    ),
)
DIMENSIONS: dict[str, Dimension] = {dimension.name: dimension for dimension in _TABLE}
"""The fixed dimensions by name; further attributes are dimensions too."""

LABELED: dict[str, str] = {
    name: known.models for name, known in DIMENSIONS.items() if known.kind is Kind.LABELS
}
"""Dimension whose values are labels of places → prefix of the models that give them."""

PLACE = frozenset({"cell", "polygon", "near", "custom_area", *LABELED})
"""Dimensions that depend on the place of an incident."""

OF_OFFENSE = ("type", "description", "group")
"""Dimensions that depend on the offense of an incident."""

STORED = "sel"
"""Not a dimension: `sel=<hash>` names a selection stored in the state database."""

ATTRIBUTE_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}", re.ASCII)

LABEL_MODEL = r"[a-z][a-z0-9_]{0,39}(?:\.[a-z][a-z0-9_]{0,19})?"
"""Model of a label, with its target if that is not all incidents: `kmeans`, `kmeans.robbery`."""


def dimension(name: str) -> Dimension:
    """The dimension of a name; any other well-formed name is a further attribute."""
    return DIMENSIONS.get(name) or Dimension(
        name, Kind.ATTRIBUTE, name.replace("_", " ").capitalize(), f"{name}=value"
    )


def position(name: str) -> tuple[int, str]:
    """Sort key of the canonical order: fixed dimensions first, then attributes by name."""
    return (_ORDER.get(name, len(_ORDER)), name)


_ORDER = {name: index for index, name in enumerate(DIMENSIONS)}
