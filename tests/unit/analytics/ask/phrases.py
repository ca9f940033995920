"""The phrases of this folder, and how many of them the grammar reads right."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from analytics.artifacts.targets import Targets
from analytics.ask.grammar import Grammar
from analytics.ask.lexicon import Lexicon, offense_values
from analytics.ask.periods import Today
from analytics.ask.reading import PhraseReading
from analytics.ask.synonyms import FILE, read_synonyms
from analytics.ask.tokens import stems
from analytics.ask.words_around_filters import FILLERS
from analytics.crossfilter.dimensions import DIMENSIONS
from analytics.crossfilter.vocabulary import Vocabulary, Word, label_of
from analytics.incidents.manifest import Attribute, Manifest, SourceInfo
from analytics.incidents.reference import FOLDER
from analytics.settings import Settings

HERE = Path(__file__).parent
SOURCES = ("chicago", "san_francisco", "demo")


@dataclass(frozen=True)
class Score:
    """One phrase with what it means and what it was read as."""

    phrase: str
    meant: str
    not_understood: str
    reading: PhraseReading

    @property
    def is_right(self) -> bool:
        """Whether selection and words not understood are as meant; fillers do not matter."""
        same = _content(self.named) == _content(self.not_understood)
        return same and self.reading.selection.text == self.meant

    @property
    def is_silently_wrong(self) -> bool:
        """Whether the selection is another one, and no further word is named."""
        further = _content(self.named) - _content(self.not_understood)
        return self.reading.selection.text != self.meant and not further

    @property
    def named(self) -> str:
        return " ".join(lack.words for lack in self.reading.not_understood)


def scores(file: str) -> Iterator[Score]:
    """Read every phrase of a file."""
    with (HERE / file).open(encoding="utf-8", newline="") as rows:
        for row in csv.DictReader(rows):
            reading = grammar_of(row["source"]).read(row["phrase"])
            yield Score(row["phrase"], row["selection"], row["not_understood"], reading)


@cache
def grammar_of(source: str) -> Grammar:
    """The grammar over one of the vocabularies, at its last day."""
    known = json.loads((HERE / f"{source}.json").read_text(encoding="utf-8"))
    words = {
        name: tuple(
            Word(value, label_of(name, value, known["names"]), count)
            for value, count in values.items()
        )
        for name, values in known["words"].items()
    }
    attributes = tuple(Attribute(*each) for each in known["attributes"])
    labels = {name: dimension.label for name, dimension in DIMENSIONS.items()}
    labels |= {attribute.name: attribute.label for attribute in attributes}
    vocabulary = Vocabulary(words, known["names"], labels, {})
    manifest = Manifest(
        id="phrases",
        created="",
        schema_version=2,
        code_version="",
        source=SourceInfo(known["source"], known["title"], "UTC", "incident"),
        incidents=sum(known["words"]["type"].values()),
        first=known["first"],
        last=known["last"],
        provisional_from=None,
        crs_local="",
        attributes=attributes,
        unknown=known["unknown"],
        views_off=known["views_off"],
    )
    lexicon = Lexicon.of(
        vocabulary,
        manifest,
        Targets.of(vocabulary, Settings()),
        read_synonyms(FOLDER / FILE),
        [offense_values(*row) for row in known["offenses"]],
    )
    days = (date.fromisoformat(known["first"]), date.fromisoformat(known["last"]))
    return Grammar(lexicon, Today(*days))


def _content(words: str) -> set[str]:
    return {word for word in stems(words) if word not in FILLERS}
