"""The grammar of a snapshot."""

from __future__ import annotations

from functools import cache

from analytics import formats
from analytics.artifacts.targets import Targets
from analytics.ask.finder import Finder
from analytics.ask.grammar import Grammar
from analytics.ask.lexicon import JointValues, Lexicon, offense_values
from analytics.ask.periods import Today
from analytics.ask.synonyms import FILE, read_synonyms
from analytics.errors import InputError
from analytics.incidents.model import UNKNOWN
from analytics.incidents.reader import SnapshotReader
from analytics.incidents.reference import find_table
from analytics.settings import Settings
from sql import load


def open_grammar(finder: Finder, targets: Targets, settings: Settings) -> Grammar:
    """The grammar over a snapshot's names; its dates are read at the last day of the data.

    Raises
    ------
    InputError
        The snapshot has no dated incidents, or the table of synonyms is not valid.
    """
    reader, vocabulary = finder.reader, finder.vocabulary
    manifest = reader.snapshot.manifest
    if manifest.first_day is None or manifest.last_day is None:
        raise InputError("The data has no dated incidents, so that phrases cannot be read.")
    rows = reader.frame(load("ask/offenses")).iter_rows()
    offenses = [offense_values(*row) for row in rows]
    synonyms = read_synonyms(find_table(FILE, settings.own_tables))
    areas = cache(lambda: _joint_areas(reader))
    lexicon = Lexicon.of(vocabulary, manifest, targets, synonyms, offenses, joint_areas=areas)
    today = Today(
        manifest.first_day, manifest.last_day, formats.is_month_first(), formats.week()[0]
    )
    return Grammar(lexicon, today, lambda: finder.blocks)


def _joint_areas(reader: SnapshotReader) -> list[JointValues]:
    rows = reader.frame(load("ask/joint_areas")).iter_rows(named=True)
    return [{level: frozenset({key or UNKNOWN}) for level, key in row.items()} for row in rows]
