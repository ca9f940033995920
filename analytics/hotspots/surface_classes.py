"""Classes of tested surfaces. Exports write their values; components put them in words."""

from __future__ import annotations

from enum import StrEnum, unique


@unique
class GiClass(StrEnum):
    """Classes of Gi*, from the coldest: at a false discovery rate of 1 or 5%."""

    COLD_99 = "cold_99"
    COLD_95 = "cold_95"
    NOT_SIGNIFICANT = "not_significant"
    HOT_95 = "hot_95"
    HOT_99 = "hot_99"


@unique
class MoranClass(StrEnum):
    """The quadrants in the order of `moran.QUADRANTS`, then not significant."""

    BUSY_AMONG_BUSY = "busy_among_busy"
    QUIET_AMONG_BUSY = "quiet_among_busy"
    QUIET_AMONG_QUIET = "quiet_among_quiet"
    BUSY_AMONG_QUIET = "busy_among_quiet"
    NOT_SIGNIFICANT = "not_significant"
