"""Splits a phrase into filters and words that are not understood.

At each word the longest reading counts: a date, hours, weekdays, areas by number, or a name of the
data. Words that nothing reads are named, never dropped; only fillers such as "in" or "show me" are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import cached_property

from analytics.ask import calendar, hours, numbers, weekdays
from analytics.ask.areas import areas_at, noun_at
from analytics.ask.blocks import Blocks
from analytics.ask.combine import family, select
from analytics.ask.dates import date_at
from analytics.ask.hours import hours_at
from analytics.ask.lexicon import Lexicon, Sense
from analytics.ask.periods import Today
from analytics.ask.reading import NotUnderstood, Part, PhraseReading, Respelled, Why, WordMeaning
from analytics.ask.spelling import Speller
from analytics.ask.streets import address_at, may_be_address
from analytics.ask.tokens import Phrase, read_typed, words_in
from analytics.ask.weekdays import weekdays_at
from analytics.ask.words_around_filters import (
    COMPARISONS,
    CONNECTORS,
    DISTANCE_WORDS,
    FILLERS,
    NEARNESS,
    NEGATIONS,
    RECURRENCE,
    phrase_at,
    words_around_filters,
)
from analytics.crossfilter.clauses import Hours, Period, Weekdays, Words
from analytics.incidents.model import UNKNOWN

_UNKNOWN_NOUNS = {
    ("location", "type"): "location_type",
    ("location",): "location_type",
    ("hour",): "hour",
    ("type",): "type",
    ("arrest",): "arrest",
}


class Grammar:
    """Reads phrases about one snapshot."""

    def __init__(
        self, lexicon: Lexicon, today: Today, blocks: Callable[[], Blocks | None] | None = None
    ) -> None:
        """`blocks` gives the blocks of the data, requested only by phrases with an address."""
        self.lexicon = lexicon
        self.today = today
        self._blocks = blocks

    @cached_property
    def _speller(self) -> Speller:
        known = self.lexicon.words() | words_around_filters() | _RARELY_MISSPELLED
        return Speller(known | _TIME_WORDS, self.lexicon.keywords() | _TIME_WORDS)

    def read(self, text: str) -> PhraseReading:
        """The selection that a phrase means, and the words that are not in it.

        Raises
        ------
        InputError
            The phrase is too long.
        """
        phrase, respelled = self._respelled(read_typed(text))
        blocks = self._blocks() if self._blocks and may_be_address(phrase) else None
        parts = _Scan(phrase, self.lexicon, self.today, blocks).parts()
        selection, lacks = select(phrase, parts, self.lexicon)
        return PhraseReading(selection, lacks, respelled)

    def _respelled(self, phrase: Phrase) -> tuple[Phrase, tuple[Respelled, ...]]:
        tokens, respelled = [], []
        for token in phrase.tokens:
            word = self._speller.correct(token.word)
            if word != token.word:
                respelled.append(Respelled(phrase.text[token.start : token.end], word))
            tokens.append(replace(token, word=word))
        return Phrase(phrase.text, tuple(tokens)), tuple(respelled)


class _Scan:
    """One pass over the tokens of a phrase."""

    def __init__(
        self, phrase: Phrase, lexicon: Lexicon, today: Today, blocks: Blocks | None
    ) -> None:
        self.phrase = phrase
        self.blocks = blocks
        self.tokens = phrase.tokens
        self.words = [token.word for token in phrase.tokens]
        self.lexicon = lexicon
        self.today = today
        self.source = lexicon.manifest.source.name

    def parts(self) -> list[Part]:
        """Filters and words not understood, in the order of the phrase."""
        found: list[Part] = []
        at, joined = 0, False
        while at < len(self.words):
            parts = self._special(at, found) or self._parts(at)
            if not parts:
                if self.words[at] in CONNECTORS:
                    joined = True
                elif not self._is_filler(at):
                    parts = [self._unknown(at, at + 1)]
            comma = self.tokens[at].before in (",", ";")
            for part in parts:
                found.append(replace(part, joined=part.joined or joined or comma))
            if parts:
                joined = False
            at = max((part.end for part in parts), default=at + 1)
        return found

    def _parts(self, at: int) -> list[Part]:
        """The longest reading at a word, as parts."""
        readings = [self._date(at), self._hours(at), self._weekdays(at), self._areas(at)]
        readings += [self._unknown_value(at), self._name(at), self._address(at)]
        best: list[Part] = []
        for parts in readings:
            if parts and (not best or _end(parts) > _end(best)):
                best = parts
        return best

    def _special(self, at: int, found: list[Part]) -> list[Part]:
        """Negation, comparison, nearness and recurrence."""
        name = self._name(at)  # which may begin so: "Near North Side", "no weapon"
        named_to = name[0].end if name and name[0].lack is None else at
        if end := phrase_at(self.words, at, COMPARISONS):
            return [self._compared(at, end, found)]
        if self.words[at] in RECURRENCE:
            return self._recurring(at)
        end = phrase_at(self.words, at, NEARNESS)
        if end > named_to and (self.words[at] != "within" or self._distance(end) > end):
            return [self._near(at, end)]
        end = phrase_at(self.words, at, NEGATIONS)
        return self._negated(at, end) if end > named_to else []

    def _negated(self, start: int, at: int) -> list[Part]:
        while at < len(self.words) and self._is_filler(at) and not self._parts(at):
            at += 1
        parts = self._parts(at) if at < len(self.words) else []
        if not parts or parts[0].lack is not None:
            end = _end(parts) if parts else self._end_of_unknown(at)
            return [self._unknown(start, max(end, start + 1), Why.NOT_A_FILTER)]
        found = [replace(part, negated=True, start=start) for part in parts]
        while True:
            end = _end(found)
            at = end
            while at < len(self.words) and self.words[at] in CONNECTORS:
                at += 1
            comma = at < len(self.words) and self.tokens[at].before == ","
            if at >= len(self.words) or not (at > end or comma):
                return found
            more = self._parts(at)
            if not more or more[0].lack or family(more[0]) != family(found[0]):
                return found
            found += [replace(part, negated=True) for part in more]

    def _compared(self, start: int, at: int, found: list[Part]) -> Part:
        while at < len(self.words) and self._is_filler(at) and not self._parts(at):
            at += 1
        parts = self._parts(at) if at < len(self.words) else []
        end = _end(parts) if parts else self._end_of_unknown(at)
        if parts and found and found[-1].end == start and family(found[-1]) == family(parts[0]):
            start = found.pop().start
        return self._unknown(start, max(end, start + 1), Why.NOT_A_FILTER)

    def _recurring(self, at: int) -> list[Part]:
        """`every December` is not a period; `every Friday` is a weekday."""
        parts = self._parts(at + 1) if at + 1 < len(self.words) else []
        dated = parts and (parts[0].dimension == "date" or parts[0].lack is not None)
        if dated:
            return [self._unknown(at, _end(parts), Why.NOT_A_FILTER)]
        return parts or [self._unknown(at, at + 1)]

    def _near(self, start: int, at: int) -> Part:
        at = self._distance(at)
        parts = self._parts(at) if at < len(self.words) else []
        end = _end(parts) if parts else self._end_of_unknown(at)
        return self._unknown(start, max(end, start + 1), Why.NOT_A_FILTER)

    def _distance(self, at: int) -> int:
        """The word after a distance such as `500 feet of`."""
        unit = self.words[at + 1] if at + 1 < len(self.words) else ""
        if unit in DISTANCE_WORDS and numbers.count_at(self.tokens, at):
            at += 1
        while at < len(self.words) and self.words[at] in DISTANCE_WORDS:
            at += 1
        return at

    def _end_of_unknown(self, at: int) -> int:
        while at < len(self.words) and not self._is_filler(at) and not self._parts(at):
            at += 1
        return at

    def _date(self, at: int) -> list[Part]:
        found = date_at(self.phrase, at, self.today)
        if found is None:
            return []
        if found.period is None:
            why = Why.AMBIGUOUS if found.ambiguous else Why.NOT_A_FILTER
            readings = [WordMeaning("date", (Period(*days).text,)) for days in found.ambiguous]
            return [replace(self._unknown(at, found.end, why, readings), dimension="date")]
        if found.year_only and (beat := self._beat_of(at)):
            candidates = (WordMeaning("date", (self.words[at],)), beat)
            return [self._unknown(at, found.end, Why.AMBIGUOUS, candidates)]
        return [Part(at, found.end, "date", found.period)]

    def _beat_of(self, at: int) -> WordMeaning | None:
        """The beat that a year could be, if the data has no incidents in that year."""
        key = self.lexicon.key_of("beat", self.words[at])
        year = self.words[at]
        known = year.isdecimal() and self.today.first.year <= int(year) <= self.today.last.year
        return WordMeaning("beat", (key,)) if key and not known else None

    def _hours(self, at: int) -> list[Part]:
        found = hours_at(self.phrase, at)
        if found is None:
            return []
        if not found.hours:
            return [replace(self._unknown(at, found.end, Why.NOT_A_FILTER), dimension="hour")]
        return [Part(at, found.end, "hour", Hours(found.hours))]

    def _weekdays(self, at: int) -> list[Part]:
        found = weekdays_at(self.phrase, at)
        if found is None:
            return []
        return [Part(at, found.end, "weekday", Weekdays(found.days), weekend=found.weekend)]

    def _areas(self, at: int) -> list[Part]:
        found = areas_at(self.phrase, at, self.lexicon)
        if found is None:
            return self._named_after_noun(at)
        if found.candidates:
            return [self._unknown(at, found.end, Why.AMBIGUOUS, found.candidates)]
        lacks = [self._unknown(first, last, Why.NOT_IN_DATA) for first, last in found.missing]
        if not found.keys:
            return lacks
        return [Part(at, found.end, found.level, Words(found.keys)), *lacks]

    def _named_after_noun(self, at: int) -> list[Part]:
        """`district Mission`."""
        noun = noun_at(self.lexicon, self.words, at)
        if noun is None:
            return []
        start = noun[0] + (self.words[noun[0] : noun[0] + 1] == ["of"])
        named = self.lexicon.longest(self.words, start) if start < len(self.words) else None
        of_level = self._of_level(named[1], noun[1]) if named else None
        if named is None or of_level is None:
            return []
        return [Part(at, named[0], noun[1], Words(of_level.keys))]

    def _of_level(self, sense: Sense, level: str) -> WordMeaning | None:
        if sense.partial:
            return None
        return next((one for one in sense.meanings if one.dimension == level), None)

    def _address(self, at: int) -> list[Part]:
        found = address_at(self.phrase, at, self.blocks) if self.blocks else None
        if found is None:
            return []
        if found.block is not None:
            return [Part(at, found.end, "block", Words(found.block.spellings))]
        why = Why.NOT_IN_DATA if found.has_number else Why.NOT_A_FILTER
        return [self._unknown(at, found.end, why)]

    def _unknown_value(self, at: int) -> list[Part]:
        """`unknown location type`."""
        if self.words[at] not in (UNKNOWN, "missing"):
            return []
        for nouns, dimension in (*_UNKNOWN_NOUNS.items(), *self.lexicon.nouns.items()):
            if tuple(self.words[at + 1 : at + 1 + len(nouns)]) == nouns:
                clause = Hours((None,)) if dimension == "hour" else Words((UNKNOWN,))
                return [Part(at, at + 1 + len(nouns), dimension, clause)]
        return []

    def _name(self, at: int) -> list[Part]:
        named = self.lexicon.longest(self.words, at)
        if named is None:
            return []
        end, sense = named
        if end == at + 1 and self._is_filler(at):
            return []
        noun = noun_at(self.lexicon, self.words, end)
        of_level = self._of_level(sense, noun[1]) if noun else None
        if noun is not None and of_level is not None and not self._numbered_after(noun[0]):
            return [Part(at, noun[0], noun[1], Words(of_level.keys))]
        if sense.meaning is None:
            why = Why.PART_OF_NAME if sense.partial else Why.NOT_IN_DATA
            if len(sense.meanings) > 1:
                why = Why.AMBIGUOUS
            return [self._unknown(at, end, why, sense.meanings)]
        meaning = sense.meaning
        return [Part(at, end, meaning.dimension, Words(meaning.keys), sense.alternatives)]

    def _numbered_after(self, at: int) -> bool:
        """Whether a noun of a level belongs to the number after it, as in `Austin district 15`."""
        return at < len(self.words) and numbers.count_at(self.tokens, at) is not None

    def _is_filler(self, at: int) -> bool:
        word = self.words[at]
        return word in FILLERS or word in CONNECTORS or word == self.source

    def _unknown(
        self,
        start: int,
        end: int,
        why: Why = Why.UNKNOWN,
        candidates: Iterable[WordMeaning] = (),
    ) -> Part:
        words = self.phrase.typed(start, end)
        return Part(start, end, lack=NotUnderstood(words, why, tuple(candidates)))


def _end(parts: Iterable[Part]) -> int:
    return max(part.end for part in parts)


_TIME_WORDS = {
    *calendar.MONTHS,
    *calendar.SEASONS,
    *weekdays.WEEKDAYS,
    *(word for name in (*calendar.HOLIDAYS, *hours.PARTS) for word in name),
    *words_in(
        "today yesterday weekend weekday month quarter fortnight previous since until between"
    ),
}
"""Words of dates and times, to which misspelled ones are corrected."""
_RARELY_MISSPELLED = {
    *numbers.COUNTS,
    *numbers.ORDINALS,
    *words_in(
        "last this past before after through noon midnight midday date half hour unknown "
        "missing day week year"
    ),
}
