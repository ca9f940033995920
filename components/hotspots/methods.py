"""The card that compares methods: which catches most later, and why, in words and a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from dash import html
from dash.development.base_component import Component

from analytics.artifacts.method_comparison import (
    Best,
    Caught,
    ComparedMethod,
    Measure,
    MethodComparison,
    ZoneFacts,
)
from analytics.artifacts.targets import ModelTarget
from analytics.crossfilter.listing import listed
from analytics.formats import (
    DASH,
    area_text,
    date_range,
    distance_text,
    number,
    numbers,
    percent,
    percents,
    short_date,
)
from components.frame.attributes import aria
from components.frame.card import Menu, card
from components.frame.marks import data
from components.frame.tables import table
from components.frame.target import target_name
from components.hotspots.ids import HotspotIds

CELLS = "cells "
PLAIN = f"{CELLS}250 m"
"""What every method is compared with: counts in the cells of the maps."""
HELD = frozenset({"foot places", "car places", "foot patches", "car patches"})
"""Besides zones, what holds together, so that a patrol can be sent there."""
TITLES = {
    "blocks": "Single blocks",
    "KDE cells 250 m": "Density (KDE)",
    "Gi* cells 250 m": "Hot spots (Gi*)",
}
WHY = {
    "blocks": "it takes the busiest blocks of the whole city, wherever they are",
    "foot places": "it takes only the few busiest blocks around a seed",
    "car places": "it takes the busiest blocks within reach of a car",
    "foot patches": "it joins small cells and leaves the quiet ones between them out",
    "car patches": "it joins small cells into areas that a car can hold",
    "cells 250 m": "a count by cell follows where incidents were, without smoothing",
    "cells 150 m": "small cells leave the quiet streets around a busy one out",
    "cells 100 m": "small cells leave the quiet streets around a busy corner out",
    "KDE cells 250 m": "smoothing lets cells with few incidents learn from their neighbors",
    "Gi* cells 250 m": "it ranks a cell with its neighbors, which steadies small counts",
    "DBSCAN zones": "its zones follow dense places of any shape",
    "HDBSCAN zones": "its zones follow dense places, each at its own density",
    "K-means zones": "it divides the whole city into compact areas",
    "Ward zones": "it joins similar neighboring cells",
}
"""Why a method may catch much: what it does that others do not."""
MOST_NAMED = 4
SHOWN_ON_MAP = {"KDE cells 250 m": "kde", "Gi* cells 250 m": "getis_ord", "cells 250 m": "counts"}
ABOUT = (
    "Every method chooses once, from all days before the period, and is cut at the same street "
    "length and at the same area; its last place counts in part. Caught is the share of the "
    "incidents of the period, PAI that share over the share of the street length or area; "
    "intervals (95%) are a bootstrap over weeks. Where two intervals overlap, the difference may "
    "be chance. Stability is the Jaccard index of zones found again in resampled incidents, "
    "silhouette how separate zones are, not how useful. Parameters are those that a training "
    "starts from. The forecast is evaluated week by week on the Models page."
)


@dataclass(frozen=True)
class ShownComparison:
    """The newest comparison of a target, if any, and what is being done about it.

    Attributes
    ----------
    is_current : whether it was made from the data shown
    in_progress : whether a new one is being made
    on_map : models whose zones a map can show
    """

    target: ModelTarget
    found: MethodComparison | None
    is_current: bool
    in_progress: bool
    on_map: frozenset[str] = frozenset()


def methods_card() -> Component:
    """The card before its first answer."""
    return card(
        "Methods compared",
        html.Div(id=HotspotIds.METHODS, className="methods-compared"),
        id=HotspotIds.METHODS_CARD,
        unit="what each would have caught later, at equal size",
        menu=Menu((), "", ABOUT),
        class_name="card-methods",
    )


def comparison_content(shown: ShownComparison) -> list[Component]:
    """Sentences and table, or why there is none yet; a button compares."""
    target, found = shown.target, shown.found
    offer = _offer(target, again=found is not None)
    if found is None:
        words = (
            f"Comparing methods for {target_name(target)}: in progress. You can leave this page."
            if shown.in_progress
            else f"Methods have not been compared for {target_name(target)} yet."
        )
        return [html.P(words, className="quiet"), *([] if shown.in_progress else [offer])]
    remarks: list[Component] = []
    if shown.in_progress:
        remarks = [html.P("A new comparison is in progress.", className="quiet")]
    elif not shown.is_current:
        older = f"Made from snapshot {found.snapshot}; the data has changed since."
        remarks = [html.P(older, className="warned"), offer]
    return [
        *(html.P(words) for words in verdicts(found)),
        html.P(_made_words(found, target), className="quiet"),
        *remarks,
        html.Div(
            _table(found, shown.on_map),
            className="scrolls",
            tabIndex=0,
            role="group",
            **aria(label="Methods compared"),
        ),
    ]


def verdicts(found: MethodComparison) -> list[str]:
    """Which method is best at each size and why, of all, and of those that hold together."""
    return [words for measure in found.measures for words in _verdict(found, measure)]


def _verdict(found: MethodComparison, measure: Measure) -> list[str]:
    best = found.best(measure)
    if best is None:
        return []
    said = [f"{_where(found, measure)}, {_best_words(best, found.method(PLAIN), measure)}"]
    if not _holds_together(best.method):
        held = found.best(measure, _holds_together)
        if held is not None:
            said.append(f"Of places that hold together, {_best_words(held, None, measure)}")
    return [" ".join(said)]


def _holds_together(method: ComparedMethod) -> bool:
    return bool(method.model) or method.name in HELD


def _best_words(best: Best, plain: ComparedMethod | None, measure: Measure) -> str:
    caught = best.caught
    amount = f"{percent(caught.hit_rate)} ({percents(caught.hit_low, caught.hit_high)})"
    beyond = ""
    if plain is not None and plain is not best.method and measure in plain.caught:
        times = caught.hit_rate / max(plain.caught[measure].hit_rate, 1e-9)
        beyond = f", {number(times, 1)} times {_lower(_title(PLAIN))}"
    name = _title(best.method.name)
    if best.tied:
        others = listed([_lower(_title(one.name)) for one in best.tied], shown=MOST_NAMED - 1)
        return (
            f"there is no clear difference between {_lower(name)}, {amount} caught{beyond}, and "
            f"{others}: their intervals overlap."
        )
    after = ""
    if best.next is not None:
        second = best.next.caught[measure]
        after = f" Next is {_lower(_title(best.next.name))} with {percent(second.hit_rate)}."
    why = WHY.get(best.method.name, "")
    because = f": {why}" if why else ""
    return f"{_lower(name)} caught most, {amount}{beyond}{because}.{after}"


def _where(found: MethodComparison, measure: Measure) -> str:
    if measure == "street":
        return f"On {percent(found.street_share, 0)} of the street length"
    return f"On {area_text(found.area_km2)} ({percent(found.area_share, 0)} of the area)"


def _made_words(found: MethodComparison, target: ModelTarget) -> str:
    days = date_range(date.fromisoformat(found.first), date.fromisoformat(found.last))
    since = short_date(date.fromisoformat(found.since))
    if found.incidents is None or found.incidents_before is None:
        counted = (
            f"Incidents of {target_name(target)}, {days}; places were chosen from those before"
        )
    else:
        counted = (
            f"{number(found.incidents)} incidents of {target_name(target)}, {days}; places were "
            f"chosen from the {number(found.incidents_before)} before"
        )
    return (
        f"{counted}, since {since}. Compared "
        f"{short_date(date.fromisoformat(found.made[:10]))} by {found.person} on snapshot "
        f"{found.snapshot}."
    )


def _table(found: MethodComparison, on_map: frozenset[str]) -> html.Table:
    heads: list[Component | str] = ["Method"]
    for measure in found.measures:
        where = "streets" if measure == "street" else area_text(found.area_km2)
        share = f"{percent(found.street_share, 0)} of " if measure == "street" else ""
        heads += [f"Caught on {share}{where}", f"PAI on {share}{where}"]
    heads += ["Stability", "Silhouette", "Largest zone", "Time to train"]
    first = found.measures[0]
    ordered = sorted(
        found.methods,
        key=lambda one: -one.caught[first].hit_rate if first in one.caught else 1.0,
    )
    rows = [_row(one, found.measures, on_map) for one in ordered]
    return table(heads, rows, caption="Methods compared", class_name="numbers")


def _row(
    one: ComparedMethod, measures: Sequence[Measure], on_map: frozenset[str]
) -> list[Component | str]:
    cells: list[Component | str] = [html.Th(_named(one, on_map), scope="row")]
    for measure in measures:
        cells += _caught(one.caught.get(measure))
    return [*cells, *_facts(one.zones)]


def _named(one: ComparedMethod, on_map: frozenset[str]) -> Component | str:
    """The method; a button shows it on map A where a map can."""
    title = _title(one.name)
    shown = one.model if one.model in on_map else SHOWN_ON_MAP.get(one.name, "")
    if not shown:
        return title
    return html.Button(
        title,
        type="button",
        className="key-button",
        **data(options=f"h_a={shown}&h_av="),
        **aria(label=f"Show on map A: {title}"),
    )


def _caught(found: Caught | None) -> tuple[Component | str, Component | str]:
    if found is None:
        return DASH, DASH
    places = f"{number(found.places)} {'place' if found.places == 1 else 'places'}"
    ends = percents(found.hit_low, found.hit_high)
    return (
        _estimate(percent(found.hit_rate), f"{ends}; {places}"),
        _estimate(number(found.pai, 1), numbers(found.pai_low, found.pai_high, 1)),
    )


def _estimate(value: str, ends: str) -> html.Div:
    """A number with its interval below it."""
    return html.Div([html.Strong(value), html.Div(ends, className="quiet")])


def _facts(found: ZoneFacts | None) -> list[Component | str]:
    if found is None:
        return [DASH] * 4
    stability: Component | str = DASH
    if found.stability:
        value, low, high = found.stability
        stability = _estimate(number(value, 2), numbers(low, high, 2))
    return [
        stability,
        DASH if found.silhouette is None else number(found.silhouette, 2),
        percent(found.largest_zone_share),
        f"{number(found.seconds, 0 if found.seconds >= 10 else 1)} s",
    ]


def _offer(target: ModelTarget, *, again: bool) -> html.Form:
    words = "Compare again" if again else f"Compare methods for {target_name(target)}"
    return html.Form(
        html.Button(
            words, type="submit", name="target", value=target.name, className="button small"
        ),
        **data(act="compare"),
    )


def _title(name: str) -> str:
    """What a method is called; cells with their size in the units of the reader."""
    if name.startswith(CELLS):
        return f"Counts in cells of {distance_text(float(name.split()[1]))}"
    return TITLES.get(name, name[:1].upper() + name[1:])


def _lower(title: str) -> str:
    """A title amid a sentence; names such as DBSCAN keep their capitals."""
    return title if title[1:2].isupper() or title[:2] == "K-" else title[:1].lower() + title[1:]
