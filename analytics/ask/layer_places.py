"""Places in the agency's layers: where its streets cross, and points with a name."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field

from analytics.ask.blocks import (
    CROSSING_RADIUS_M,
    AddressWords,
    Crossing,
    address_words,
    crossing_names,
)
from analytics.crossfilter.clauses import Near
from analytics.errors import DamagedError
from analytics.layers.kinds import LayerKind
from analytics.layers.layer_store import LayerStore, version_of

NAMED_RADIUS_M = 300
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class NamedPlace:
    """A point of a layer; `kind` is that of a place of interest, empty for a label."""

    name: str
    kind: str
    near: Near


@dataclass(frozen=True)
class _Content:
    """What was read of the layers, by the words of its name."""

    version: str = ""
    nodes: dict[str, set[int]] = field(default_factory=dict)  # street → nodes
    places: dict[int, tuple[float, float]] = field(default_factory=dict)  # node → lat, lon
    streets: list[tuple[frozenset[str], str]] = field(default_factory=list)
    points: list[tuple[AddressWords, NamedPlace]] = field(default_factory=list)


class LayerPlaces:
    """The places of a home's layers, read again when these have changed."""

    def __init__(self, store: LayerStore) -> None:
        self._store = store
        self._content = _Content()

    def crossing(self, text: str) -> Crossing | None:
        """Where two streets meet; of several such places, the first."""
        names, content = crossing_names(text), self._current()
        if not names or not content.streets:
            return None
        one, other = (self._nodes(content, name) for name in names)
        both = one & other
        if not both:
            return None
        lat, lon = content.places[min(both)]
        return Crossing(f"{names[0]} and {names[1]}", Near(lat, lon, CROSSING_RADIUS_M))

    def find(self, text: str, most: int) -> list[NamedPlace]:
        """Points whose words begin with those of a text, shorter names first."""
        words = address_words(text)
        if all(word.isdecimal() for word in words):
            return []
        found = [
            point
            for known, point in self._current().points
            if all(any(one.startswith(word) for one in known) for word in words)
        ]
        return sorted(found, key=lambda point: (len(point.name), point.name))[:most]

    def _nodes(self, content: _Content, name: str) -> set[int]:
        words = {word for word in address_words(name) if not word.isdecimal()}
        if not words:
            return set()
        found = [content.nodes[street] for known, street in content.streets if words <= known]
        return set().union(*found)

    def _current(self) -> _Content:
        """The content of the layers; none while they are damaged, which `doctor` reports."""
        try:
            version = version_of(self._store.infos())
            if version != self._content.version:
                self._content = self._read(version)
        except DamagedError as error:
            _LOG.warning("layers are not searched: %s", error)
            return _Content()
        return self._content

    def _read(self, version: str) -> _Content:
        content = _Content(version)
        edges = self._store.tables(LayerKind.STREETS, "edges")
        nodes = self._store.tables(LayerKind.STREETS, "nodes")
        if edges is not None and nodes is not None:
            for street, first, last in edges.select("street", "from_node", "to_node").iter_rows():
                content.nodes.setdefault(street, set()).update((first, last))
            content.nodes.pop("", None)
            content.streets.extend((frozenset(address_words(one)), one) for one in content.nodes)
            rows = nodes.select("node", "lat", "lon").iter_rows()
            content.places.update({node: (lat, lon) for node, lat, lon in rows})
        for kind in (LayerKind.LABELS, LayerKind.PLACES):
            points = self._store.tables(kind, str(kind))
            for row in () if points is None else points.iter_rows(named=True):
                near = Near(row["lat"], row["lon"], NAMED_RADIUS_M)
                if row["name"]:
                    place = NamedPlace(row["name"], row.get("kind", ""), near)
                    content.points.append((address_words(row["name"]), place))
        return content
