"""A briefing as a list of cards: texts, tables, charts and maps, each with its sources.

Cards hold what is shown and nothing that has to be computed again, so that a stored briefing opens
with the data it cites.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any, ClassVar

from analytics.briefing.cited_text import CitedText, NumberSource
from analytics.briefing.edited_text import TextSpan, spans_of

NOTHING_SAID = CitedText("", ())
Point = tuple[float, float]


@dataclass(frozen=True)
class SelectedCard:
    """What every card may have.

    Attributes
    ----------
    selection : text of the selection that it counts, with its days, where these are not those of
        its briefing
    """

    selection: str | None = field(default=None, kw_only=True)


@dataclass(frozen=True)
class TextCard(SelectedCard):
    """Sentences.

    Attributes
    ----------
    name : of the card in the catalog, such as `summary`
    text : as it was drafted; empty for a text that a person wrote
    edited : what a person made of it; None where nobody edited it
    """

    kind: ClassVar[str] = "text"
    name: str
    title: str
    text: CitedText
    edited: str | None = None

    @property
    def words(self) -> str:
        return self.text.text if self.edited is None else self.edited

    @cached_property
    def spans(self) -> list[TextSpan]:
        """The text in parts, with what is cited and numbers that were written by hand."""
        return spans_of(self.text, self.words)

    @property
    def by_hand(self) -> list[str]:
        """Numbers without a source."""
        return [one.text for one in self.spans if one.by_hand]

    @property
    def sources(self) -> list[NumberSource]:
        return [one.source for one in self.spans if one.source is not None]


@dataclass(frozen=True)
class TableCard(SelectedCard):
    """A table of texts, whose first column names the rows.

    Attributes
    ----------
    marks : of each row `more` or `less` where it stands out, else empty
    texts : positions of columns with words instead of numbers, besides the first
    """

    kind: ClassVar[str] = "table"
    name: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    source: NumberSource
    note: CitedText = NOTHING_SAID
    marks: tuple[str, ...] = ()
    texts: tuple[int, ...] = ()

    def mark(self, row: int) -> str:
        return self.marks[row] if row < len(self.marks) else ""

    @property
    def sources(self) -> list[NumberSource]:
        return [self.source, *(one.source for one in self.note.citations)]


@dataclass(frozen=True)
class BarChart:
    """Bars from zero, with what was expected of them.

    Attributes
    ----------
    labels : of each bar
    ticks : positions of bars whose label stands below them
    scale : values on the axis with their texts
    low, high : of the band of each bar; None where nothing was expected
    line : a value beside each bar, such as the expected one
    strong : positions of bars in full color; the others are muted
    legend : what bars, line and band are
    """

    labels: tuple[str, ...]
    values: tuple[float, ...] = field(repr=False)
    ticks: tuple[int, ...]
    scale: tuple[tuple[float, str], ...]
    line: tuple[float | None, ...] = field(default=(), repr=False)
    low: tuple[float | None, ...] = field(default=(), repr=False)
    high: tuple[float | None, ...] = field(default=(), repr=False)
    strong: tuple[int, ...] = ()
    legend: tuple[str, ...] = ()


@dataclass(frozen=True)
class ChartCard(SelectedCard):
    """A chart, described in words by `alt`."""

    kind: ClassVar[str] = "chart"
    name: str
    title: str
    chart: BarChart = field(repr=False)
    alt: str
    source: NumberSource
    note: CitedText = NOTHING_SAID

    @property
    def sources(self) -> list[NumberSource]:
        return [self.source, *(one.source for one in self.note.citations)]


@dataclass(frozen=True)
class ShadedArea:
    """An area of a map.

    Attributes
    ----------
    rings : outer rings as (lon, lat)
    inside : where its label stands
    step : which of the map's steps its count is in; -1 without incidents
    chosen : whether its outline is emphasized
    """

    label: str
    rings: tuple[tuple[Point, ...], ...] = field(repr=False)
    inside: Point
    step: int
    chosen: bool = False


@dataclass(frozen=True)
class MapPlace:
    """A point of a map with a short label, such as its rank in a table."""

    label: str
    lon: float
    lat: float


@dataclass(frozen=True)
class AreaMap:
    """Areas shaded by steps, and points.

    Attributes
    ----------
    steps : words of each step, least first, such as `1 to 40`
    frame : west, south, east and north, where the map does not show all areas, which are cut to it
    circle : a point with a radius in meters, where the map shows what is around it
    metric : whether the scale is in meters
    """

    areas: tuple[ShadedArea, ...] = field(repr=False)
    places: tuple[MapPlace, ...] = ()
    steps: tuple[str, ...] = ()
    frame: tuple[float, float, float, float] | None = None
    circle: tuple[float, float, float] | None = None
    metric: bool = False


@dataclass(frozen=True)
class MapCard(SelectedCard):
    """A map, described in words by `alt`."""

    kind: ClassVar[str] = "map"
    name: str
    title: str
    map: AreaMap = field(repr=False)
    alt: str
    source: NumberSource
    note: CitedText = NOTHING_SAID

    @property
    def sources(self) -> list[NumberSource]:
        return [self.source, *(one.source for one in self.note.citations)]


Card = TextCard | TableCard | ChartCard | MapCard
_CARDS: dict[str, type[Any]] = {one.kind: one for one in (TextCard, TableCard, ChartCard, MapCard)}


@dataclass(frozen=True)
class BriefingDocument:
    """A briefing.

    Attributes
    ----------
    facts : lines below the title: whose data, which incidents, which days
    warnings : what must not be overlooked, such as synthetic data
    snapshot : id of the data that the numbers cite
    dated : when that data was loaded, ISO 8601; the files of a document say no other time
    """

    title: str
    audience: str
    author: str
    dated: str
    facts: tuple[str, ...]
    warnings: tuple[str, ...]
    snapshot: str
    cards: tuple[Card, ...]

    @cached_property
    def sources(self) -> tuple[str, ...]:
        """What the numbers cite, each once, in order."""
        return tuple(dict.fromkeys(one.label for card in self.cards for one in card.sources))

    def number(self, source: NumberSource) -> int:
        """The place of a source in the list, from 1 on."""
        return self.sources.index(source.label) + 1

    def numbers(self, card: Card) -> tuple[int, ...]:
        """The places of all sources of a card, in order."""
        return tuple(sorted({self.number(one) for one in card.sources}))

    @property
    def by_hand(self) -> list[str]:
        """Numbers that a person wrote, which no source answers for."""
        return [text for card in self.cards if isinstance(card, TextCard) for text in card.by_hand]

    def as_json(self) -> dict[str, Any]:
        """As plain values."""
        values = asdict(self)
        for card, plain in zip(self.cards, values["cards"], strict=True):
            plain["kind"] = card.kind
        return values

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> BriefingDocument:
        """The inverse of `as_json`, also after a way through JSON, which has no tuples."""
        cards = tuple(card_from_json(one) for one in raw["cards"])
        rest = {key: _frozen(value) for key, value in raw.items() if key != "cards"}
        return cls(**rest, cards=cards)


def card_from_json(raw: Mapping[str, Any]) -> Card:
    """A card of plain values."""
    values = {key: _frozen(value) for key, value in raw.items() if key != "kind"}
    for name in ("text", "note"):
        if name in values:
            values[name] = CitedText.from_json(raw[name])
    if "source" in values:
        values["source"] = NumberSource(**raw["source"])
    if raw["kind"] == ChartCard.kind:
        values["chart"] = BarChart(**_frozen(raw["chart"]))
    if raw["kind"] == MapCard.kind:
        shown = _frozen(raw["map"])
        shown["areas"] = tuple(ShadedArea(**one) for one in shown["areas"])
        shown["places"] = tuple(MapPlace(**one) for one in shown["places"])
        values["map"] = AreaMap(**shown)
    card: Card = _CARDS[raw["kind"]](**values)
    return card


def _frozen(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _frozen(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return tuple(_frozen(inner) for inner in value)
    return value


@dataclass(frozen=True)
class MarkedText:
    """A part of a paragraph.

    Attributes
    ----------
    number : of the source to be named behind it, 0 for none
    by_hand : whether it is a number that no source answers for
    """

    text: str
    number: int = 0
    by_hand: bool = False


def marked_paragraphs(document: BriefingDocument, card: TextCard) -> list[list[MarkedText]]:
    """The paragraphs of a text; of numbers in a row from one source the last names it."""
    return [_named(document, one) for one in _paragraphs(card.spans)]


def _named(document: BriefingDocument, spans: list[TextSpan]) -> list[MarkedText]:
    found: list[MarkedText] = []
    following = 0
    for span in reversed(spans):
        number = document.number(span.source) if span.source is not None else 0
        shown = 0 if number == following else number
        following = number or following
        found.append(MarkedText(span.text, shown, span.by_hand))
    return found[::-1]


def _paragraphs(spans: list[TextSpan]) -> Iterator[list[TextSpan]]:
    """Parts of a text by paragraph; none is empty."""
    found: list[TextSpan] = []
    for span in spans:
        first, *more = span.text.split("\n")
        found.append(TextSpan(first, span.source, span.by_hand))
        for line in more:
            if any(one.text.strip() for one in found):
                yield found
            found = [TextSpan(line, span.source, span.by_hand)]
    if any(one.text.strip() for one in found):
        yield found
