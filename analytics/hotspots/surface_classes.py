"""Classes of surfaces that are tested; exports write their values, components say them."""

from __future__ import annotations

from enum import StrEnum, unique

from analytics.hotspots.emerging import DEFINITIONS, NO_PATTERN


@unique
class GiClass(StrEnum):
    """Of Gi*, from the coldest: at a false discovery rate of 1 or 5%."""

    COLD_99 = "cold_99"
    COLD_95 = "cold_95"
    NOT_SIGNIFICANT = "not_significant"
    HOT_95 = "hot_95"
    HOT_99 = "hot_99"


@unique
class MoranClass(StrEnum):
    """The quadrants of `moran.QUADRANTS`, in their order, then what is none of them."""

    BUSY_AMONG_BUSY = "busy_among_busy"
    QUIET_AMONG_BUSY = "quiet_among_busy"
    QUIET_AMONG_QUIET = "quiet_among_quiet"
    BUSY_AMONG_QUIET = "busy_among_quiet"
    NOT_SIGNIFICANT = "not_significant"


PATTERNS = {
    **{f"{name} hot spot": f"{name}_hot" for name in DEFINITIONS},
    **{f"{name} cold spot": f"{name}_cold" for name in DEFINITIONS},
    NO_PATTERN: "no_pattern",
}
"""Class of each pattern over time that `fit_emerging` names."""
