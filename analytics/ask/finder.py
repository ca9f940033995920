"""Finds incidents, blocks, intersections, areas, types and location types by their names."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum, unique
from functools import cached_property
from threading import Lock, Thread
from typing import Any

import duckdb

from analytics.ask.blocks import Blocks
from analytics.ask.case_numbers import CaseNumbers
from analytics.ask.layer_places import LayerPlaces
from analytics.ask.tokens import Phrase, read_typed, stems
from analytics.crossfilter.clauses import Clause, Near, Period, Words
from analytics.crossfilter.selection import Selection
from analytics.crossfilter.vocabulary import Vocabulary
from analytics.errors import PatrolIQError
from analytics.incidents.model import AREA_LEVELS
from analytics.incidents.reader import SnapshotReader
from analytics.layers.layer_store import LayerStore
from sql import load

_LOG = logging.getLogger(__name__)
MOST_OF_KIND = 4
MOST_INCIDENTS = 5
NEAR_INCIDENT_M = 1
_NAMED = (*AREA_LEVELS, "type", "location_type")
_SHORTEST_ID = 4


@unique
class FoundKind(StrEnum):
    """What was found; areas and values have the name of their dimension as `name`."""

    INCIDENT = "incident"
    BLOCK = "block"
    CROSSING = "crossing"
    PLACE = "place"  # of a layer; `name` is its kind, if it has one
    VALUE = "value"


@dataclass(frozen=True)
class Found:
    """Something in the data, and the selection that chooses it.

    Attributes
    ----------
    name : dimension of a value, id of an incident
    incidents : None for one incident
    day : of an incident
    """

    kind: FoundKind
    label: str
    selection: Selection
    name: str = ""
    incidents: int | None = None
    day: date | None = None


@dataclass(frozen=True)
class _Index:
    blocks: Blocks
    cases: CaseNumbers


class Finder:
    """Finds things of one snapshot; blocks and case numbers once they are indexed."""

    def __init__(self, reader: SnapshotReader, vocabulary: Vocabulary, layers: LayerStore) -> None:
        self._layers = LayerPlaces(layers)
        self.reader = reader
        self.vocabulary = vocabulary
        self._lock = Lock()
        self._index: _Index | None = None
        self._is_read = self._is_started = False

    @property
    def is_indexing(self) -> bool:
        """Whether blocks and case numbers will be found soon."""
        return not self._is_read or self._lock.locked()

    @property
    def blocks(self) -> Blocks | None:
        """The blocks of the data; None if they could not be read, which the log says."""
        index = self._indexed()
        return index.blocks if index else None

    def _indexed(self) -> _Index | None:
        """The index, made at first use."""
        with self._lock:
            if not self._is_read:
                self._is_read = True
                try:
                    blocks = Blocks(self.reader.frame(load("ask/blocks")))
                    self._index = _Index(blocks, CaseNumbers(self.reader))
                except (PatrolIQError, duckdb.Error) as error:  # such as a closed snapshot
                    _LOG.warning("blocks and case numbers are not searched: %s", error)
            return self._index

    def index_in_background(self) -> None:
        """Start to index blocks and case numbers, once."""
        if not self._is_started:
            self._is_started = True
            Thread(target=self._indexed, name="index of the box", daemon=True).start()

    def find(self, text: str) -> list[Found]:
        """What a text names: incidents first, then values, then places.

        Raises
        ------
        InputError
            The text is too long.
        """
        phrase = read_typed(text)
        if not phrase.tokens:
            return []
        return [*self._incidents(text.strip()), *self._values(phrase), *self._places(text)]

    def _incidents(self, text: str) -> Iterator[Found]:
        """Incidents by their id, else by their case number."""
        if len(text.split()) != 1 or len(text) < _SHORTEST_ID or not any(map(str.isdigit, text)):
            return
        found = [row for id_ in dict.fromkeys((text, text.upper())) for row in self._rows_of(id_)]
        if not found and self._index:
            found = self._index.cases.incidents(text.upper(), MOST_INCIDENTS)
        for row in found:
            yield self._incident(row)

    def _rows_of(self, id_: str) -> list[dict[str, Any]]:
        return self.reader.frame(load("ask/incident"), {"id": id_}).to_dicts()

    def _incident(self, row: Mapping[str, Any]) -> Found:
        clauses: list[tuple[str, Clause]] = []
        type_, day = row["type"], row["operational_day"]
        if day is not None:
            clauses.append(("date", Period(day, day)))
        if type_:
            clauses.append(("type", Words((type_,))))
        if row["lat"] is not None:
            clauses.append(("near", Near(row["lat"], row["lon"], NEAR_INCIDENT_M)))
        label = self.vocabulary.label("type", type_) if type_ else ""
        named = [row["case_number"] or row["id"], label, row["block"] or ""]
        said = " · ".join(part for part in named if part)
        return Found(FoundKind.INCIDENT, said, Selection(tuple(clauses)), name=row["id"], day=day)

    def _values(self, phrase: Phrase) -> Iterator[Found]:
        words = tuple(token.word for token in phrase.tokens)
        for name in _NAMED:
            hits = [value for value in self._named[name] if _begins(words, value[0])]
            hits.sort(key=lambda value: (value[0] != words, -value[3]))
            for _, key, label, incidents in hits[:MOST_OF_KIND]:
                selection = Selection(((name, Words((key,))),))
                yield Found(FoundKind.VALUE, label, selection, name, incidents)

    @cached_property
    def _named(self) -> dict[str, list[tuple[tuple[str, ...], str, str, int]]]:
        """Values by dimension: the words by which they are found, key, label and incidents."""
        found: dict[str, list[tuple[tuple[str, ...], str, str, int]]] = {}
        for name in _NAMED:
            noun = stems(self.vocabulary.labels.get(name, name)) if name in AREA_LEVELS else ()
            found[name] = []
            for word in self.vocabulary.words.get(name, ()):
                own = stems(f"{word.label} {word.value}")
                plain = word.value.lstrip("0").lower()
                words = tuple(dict.fromkeys((*noun, *own, plain)))
                found[name].append((words, word.value, word.label, word.incidents))
        return found

    def _places(self, text: str) -> Iterator[Found]:
        blocks = self._index and self._index.blocks
        crossing = self._layers.crossing(text) or (blocks and blocks.crossing(text))
        if crossing:
            selection = Selection((("near", crossing.near),))
            yield Found(FoundKind.CROSSING, crossing.name, selection)
        for place in self._layers.find(text, MOST_OF_KIND):
            selection = Selection((("near", place.near),))
            yield Found(FoundKind.PLACE, place.name, selection, place.kind)
        for block in blocks.find(text, MOST_OF_KIND) if blocks else ():
            selection = Selection((("block", Words(block.spellings)),))
            yield Found(FoundKind.BLOCK, block.name, selection, incidents=block.incidents)


def _begins(words: tuple[str, ...], known: tuple[str, ...]) -> bool:
    """Whether every word begins one of the known ones; numbers must be whole."""
    return all(
        word in known or (not word.isdecimal() and any(one.startswith(word) for one in known))
        for word in words
    )
