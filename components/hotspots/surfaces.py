"""Titles, units, classes and colors of surfaces."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import isfinite

from dash import html
from dash.development.base_component import Component

from analytics.formats import area_unit, distance_text, percent
from analytics.hotspots.emerging import NO_PATTERN
from analytics.hotspots.surface import SurfaceQuery
from analytics.hotspots.surface_classes import GiClass, MoranClass
from analytics.statistics.class_breaks import NO_CLASS, class_breaks, class_labels, classify
from components.frame.glossary import info_text
from components.frame.map import class_colors
from components.frame.theme import Theme
from components.frame.variables import OKABE_ITO

TITLES = {
    "getis_ord": "Hot and cold spots (Gi*)",
    "counts": "Counts per cell",
    "kde": "Smoothed density (KDE)",
    "risk": "Risk per resident or other crime (dual KDE)",
    "moran": "Clusters and outliers (local Moran)",
    "emerging": "Emerging hot spots",
}
"""What a surface is called, by method."""
_UNITS = {
    "getis_ord": "standard score",
    "counts": "incidents",
    "kde": "times the city's average",
    "risk": "times the usual share",
    "moran": "local Moran's I",
    "emerging": "standard score of the last period",
}
SHIFTS = {"": "Same period", "before": "Period before", "year": "A year earlier"}
"""Which period a map shows."""
_RANKS = {
    "incidents": ("Incidents per zone", "incidents"),
    "harm": ("Days of harm per zone", "days of harm"),
}

# ColorBrewer PuOr (Brewer 2003), safe for color-blind readers; stronger is darker on light ground
# and brighter on dark ground.
_DIVERGING: dict[Theme, tuple[str, str, str, str]] = {
    "light": ("#542788", "#998ec3", "#f1a340", "#b35806"),
    "dark": ("#c9b6ee", "#7a5fb0", "#b0661a", "#ffc078"),
}
TIMES = (0.5, 1.0, 2.0, 4.0, 8.0)
"""Breaks of values in times the average."""
TIMES_LABELS = (
    "under half", "half to 1", "1 to 2 times", "2 to 4 times", "4 to 8 times", "8 times or more",
)  # fmt: skip
ORANGE, BLUE, SKY, PINK, GREEN, AMBER = (OKABE_ITO[place] for place in (3, 0, 4, 5, 2, 1))
GI_WORDS = {
    GiClass.COLD_99: "cold spot, 99%",
    GiClass.COLD_95: "cold spot, 95%",
    GiClass.NOT_SIGNIFICANT: "not significant",
    GiClass.HOT_95: "hot spot, 95%",
    GiClass.HOT_99: "hot spot, 99%",
}
MORAN = {
    MoranClass.BUSY_AMONG_BUSY: ("high-high (cluster)", ORANGE),
    MoranClass.BUSY_AMONG_QUIET: ("high-low (outlier)", PINK),
    MoranClass.QUIET_AMONG_BUSY: ("low-high (outlier)", SKY),
    MoranClass.QUIET_AMONG_QUIET: ("low-low (cluster)", BLUE),
    MoranClass.NOT_SIGNIFICANT: ("not significant", None),
}
_HOT = {
    "new": PINK,
    "consecutive": ORANGE,
    "intensifying": ORANGE,
    "persistent": AMBER,
    "diminishing": SKY,
    "sporadic": GREEN,
    "oscillating": GREEN,
    "historical": SKY,
}
EMERGING: dict[str, tuple[str, str | None]] = {
    **{f"{name}_hot": (f"{name} hot spot", shade) for name, shade in _HOT.items()},
    **{f"{name}_cold": (f"{name} cold spot", BLUE) for name in _HOT},
    NO_PATTERN: ("no pattern", None),
}
EMERGING_LEGEND = (
    ("new", PINK),
    ("growing: consecutive, intensifying", ORANGE),
    ("persistent", AMBER),
    ("on and off: sporadic, oscillating", GREEN),
    ("fading: diminishing, historical", SKY),
    ("cold, any", BLUE),
)
TOPS = (0.01, 0.05, 0.10)
"""Shares of the area or street length that the forecast's colors tell apart."""


@dataclass(frozen=True)
class Painted:
    """How values are colored: a class each (-1 for none), color and label of each class, a legend.

    `labels` is empty where the tooltip shows the value itself.
    """

    classes: list[int]
    colors: list[str | None]
    labels: list[str]
    legend: list[Component]


def surface_unit(query: SurfaceQuery) -> str:
    """The unit of a surface's values, for the tooltip."""
    return "times the rate overall" if query.per_resident else _UNITS[query.method]


def surface_label(query: SurfaceQuery) -> str:
    """Title of the legend of a surface whose values are shown by breaks."""
    if query.method == "counts":
        what = "Days of harm" if query.weight == "harm" else "Incidents"
        return f"{what} per {distance_text(query.size_m)} cell"
    if query.method == "risk":
        per_resident = query.per_resident
        return "Risk, 1 is the rate overall" if per_resident else "Risk, 1 is the usual share"
    return "Density, the city's average is 1"


def rank_label(rank: str) -> tuple[str, str]:
    """Title of the legend, and unit, of zones colored by what ranks them."""
    if rank == "density":
        return f"Incidents per {area_unit()}", f"incidents per {area_unit()}"
    return _RANKS[rank]


def painted_counts(values: Sequence[float], label: str, theme: Theme) -> Painted:
    """Classes with round breaks, of counts or sums."""
    breaks = class_breaks(values)
    shades = class_colors(len(breaks), theme)
    if not breaks:
        return Painted([NO_CLASS] * len(values), [], [], legend("No incidents here.", ()))
    pairs = list(zip(class_labels(breaks), shades, strict=True))
    return Painted(classify(values, breaks), list(shades), [], legend(label, pairs))


def painted_times(values: Iterable[float], label: str, theme: Theme) -> Painted:
    """Fixed classes of values in times an average; values that are 0 or not finite have none."""
    shades = class_colors(len(TIMES) + 1, theme)
    classes = [
        bisect_right(TIMES, value) if isfinite(value) and value > 0 else NO_CLASS
        for value in values
    ]
    return Painted(
        classes, list(shades), [], legend(label, list(zip(TIMES_LABELS, shades, strict=True)))
    )


def painted_significance(classed: Iterable[int], classes: Sequence[str], theme: Theme) -> Painted:
    """Cold and hot spots at two levels; cells that are not significant stay clear."""
    strong_cold, cold, hot, strong_hot = _DIVERGING[theme]
    shades = {
        GiClass.HOT_99: strong_hot, GiClass.HOT_95: hot,
        GiClass.COLD_95: cold, GiClass.COLD_99: strong_cold,
    }  # fmt: skip
    found = [GiClass(one) for one in classes]
    shown = [(GI_WORDS[one], shade) for one, shade in shades.items()]
    empty = GI_WORDS[GiClass.NOT_SIGNIFICANT]
    return Painted(
        list(classed),
        [shades.get(one) for one in found],
        [GI_WORDS[one] for one in found],
        legend("Significance (Gi*, FDR)", shown, empty=empty),
    )


def painted_moran(classed: Iterable[int], classes: Sequence[str]) -> Painted:
    """The four quadrants; cells that are not significant stay clear."""
    shown = [(said, shade) for said, shade in MORAN.values() if shade is not None]
    empty, _ = MORAN[MoranClass.NOT_SIGNIFICANT]
    words, shades = zip(*(MORAN[MoranClass(one)] for one in classes), strict=True)
    return Painted(
        list(classed),
        list(shades),
        list(words),
        legend("Significance (local Moran, FDR)", shown, empty=empty),
    )


def painted_emerging(classed: Iterable[int], classes: Sequence[str]) -> Painted:
    """Patterns over time in six groups of color; the tooltip names the exact pattern."""
    words, shades = zip(*(EMERGING[one] for one in classes), strict=True)
    return Painted(
        list(classed), list(shades), list(words), legend("Emerging hot spots", EMERGING_LEGEND)
    )


def painted_ranks(top_shares: Sequence[float | None], theme: Theme, of: str) -> Painted:
    """The top 1, 5 and 10%.

    Parameters
    ----------
    top_shares
        Share of the whole that each unit takes with all above it; None for one that expects less.
    of
        What the shares are of, such as `cells`.
    """
    below = len(TOPS)
    classes = [below if share is None else bisect_left(TOPS, share) for share in top_shares]
    tops = [f"top {percent(share, 0)}" for share in TOPS]
    labels = [f"{tops[0]} of {of}", *tops[1:], f"below the {tops[-1]}"]
    _, _, hot, strong = _DIVERGING[theme]
    shades = [strong, hot, class_colors(6, theme)[1], None]
    pairs = [(word, shade) for word, shade in zip(labels, shades, strict=True) if shade is not None]
    return Painted(classes, shades, labels, legend("Expected incidents, rank", pairs))


def legend(title: str, pairs: Sequence[tuple[str, str]], *, empty: str = "") -> list[Component]:
    """A title, and labels with their colors; `empty` names what is not colored."""
    items = [
        html.Li([html.Span(className="swatch", style={"backgroundColor": shade}), word])
        for word, shade in pairs
    ]
    if empty:
        items.append(html.Li([html.Span(className="swatch clear"), empty]))
    return [
        html.Div(title, className="legend-title", title=info_text(title)),
        html.Ul(items, className="legend"),
    ]
