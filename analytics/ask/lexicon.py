"""The names in a snapshot's data, and which filter words stand for.

Names are compared by their words, in singular and without signs. A name of a value stands for that
value; a few words of the names of several values stand for all of them. Words that fit values of
several dimensions equally are ambiguous.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from analytics.artifacts.targets import Targets
from analytics.ask.reading import WordMeaning
from analytics.ask.synonyms import PREFIX_MARK, Synonyms
from analytics.ask.tokens import Stems, stems, words_in
from analytics.crossfilter.dimensions import DIMENSIONS
from analytics.crossfilter.selection import Selection
from analytics.crossfilter.vocabulary import Vocabulary
from analytics.incidents.manifest import Manifest
from analytics.incidents.model import AREA_LEVELS, UNKNOWN

LONGEST = 8
"""Most words of a name that are compared."""
CLEAR_SHARE = 0.95
"""A reading is clear if it has at least this share of the incidents of all readings."""
HALF = 0.5
LINKS = frozenset(
    words_in(
        "a an and at by for from in involving is no non not of off on or out over the to "
        "under w with without"
    )
)
_NAMED = ("type", "group", "description", "location_type", "shift")
_NAME_SIGNS = ("/", " OR ", " or ")


@dataclass(frozen=True)
class Sense:
    """What words stand for: one meaning, or several that fit equally; none if the data lacks it."""

    meanings: tuple[WordMeaning, ...] = ()
    alternatives: tuple[WordMeaning, ...] = ()
    partial: bool = False  # only part of a name, which is only a hint

    @property
    def meaning(self) -> WordMeaning | None:
        return self.meanings[0] if len(self.meanings) == 1 and not self.partial else None


JointValues = Mapping[str, frozenset[str]]
"""Values that incidents have together, by dimension; `unknown` where they have none."""


def offense_values(
    type_: str | None, description: str | None, groups: Sequence[str]
) -> JointValues:
    """Type, description and groups of an offense that occurs."""
    ungrouped = all(":" in group for group in groups)
    return {
        "type": frozenset({type_ or UNKNOWN}),
        "description": frozenset({description or UNKNOWN}),
        "group": frozenset(groups) | ({UNKNOWN} if ungrouped else set()),
    }


@dataclass
class Lexicon:
    """Names by their words.

    Attributes
    ----------
    exact : words of a whole name → dimension → values
    within : words within a name → dimension → values
    alternatives : words of one of a location type's names, such as `bar` of `BAR OR TAVERN`
    areas : an area's name without spaces → level → keys
    incidents : dimension → value → number of incidents
    offenses : which types, descriptions and groups occur together
    joint_areas : gives which areas of several levels do, requested only by phrases that need it
    """

    manifest: Manifest
    synonyms: Synonyms
    exact: dict[Stems, dict[str, list[str]]] = field(default_factory=dict)
    within: dict[Stems, dict[str, list[str]]] = field(default_factory=dict)
    alternatives: set[Stems] = field(default_factory=set)
    areas: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    area_parts: dict[Stems, list[WordMeaning]] = field(default_factory=dict)
    targets: dict[Stems, WordMeaning] = field(default_factory=dict)
    incidents: dict[str, dict[str, int]] = field(default_factory=dict)
    nouns: dict[Stems, str] = field(default_factory=dict)
    offenses: tuple[JointValues, ...] = ()
    joint_areas: Callable[[], Sequence[JointValues]] = tuple

    @classmethod
    def of(
        cls,
        vocabulary: Vocabulary,
        manifest: Manifest,
        targets: Targets,
        synonyms: Synonyms,
        offenses: Iterable[JointValues],
        *,
        joint_areas: Callable[[], Sequence[JointValues]] = tuple,
    ) -> Lexicon:
        """The names of a snapshot."""
        lexicon = cls(manifest, synonyms, offenses=tuple(offenses), joint_areas=joint_areas)
        named = [item.name for item in manifest.attributes if item.kind == "category"]
        for name in (*_NAMED, *AREA_LEVELS, *named):
            known = vocabulary.words.get(name, ())
            lexicon.incidents[name] = {word.value: word.incidents for word in known}
        for name in ("type", "description", "location_type", *named):
            lexicon._add_values(name, lexicon.incidents[name])
        lexicon._add_groups()
        for shift in lexicon.incidents["shift"]:
            _add(lexicon.exact, (*stems(shift), "shift"), "shift", shift)
        for level in AREA_LEVELS:
            lexicon._add_areas(level, vocabulary.names.get(level, {}))
            lexicon._add_nouns(level, vocabulary.labels.get(level, DIMENSIONS[level].label))
        for target in targets.offered.values():
            clauses = target.selection.items
            if len(clauses) == 1:
                meaning = WordMeaning(clauses[0][0], tuple(clauses[0][1].keys))  # type: ignore[union-attr]
                lexicon.targets[stems(target.name)] = meaning
                lexicon.targets[stems(target.title)] = meaning
        return lexicon

    def has(self, dimension: str) -> bool:
        """Whether the data has values of a dimension."""
        if dimension in self.incidents:
            return bool(self.incidents[dimension])
        column = DIMENSIONS[dimension].column or dimension
        unknown = self.manifest.unknown.get(column, 0)
        return dimension not in self.manifest.views_off and unknown < self.manifest.incidents

    def find(self, words: Stems) -> Sense | None:
        """What words stand for; None if they are not a name."""
        if words in self.synonyms:
            return self._synonym(words)
        return self._named(words)

    def key_of(self, level: str, text: str) -> str | None:
        """The key of an area by its number, whatever its leading zeros."""
        plain = text.lstrip("0")
        found = (key for key in self.incidents.get(level, {}) if key.lstrip("0").lower() == plain)
        return next(found, None)

    def longest(self, words: Sequence[str], start: int) -> tuple[int, Sense] | None:
        """The longest name that starts at a word, as the word after it and what it stands for."""
        for length in range(min(LONGEST, len(words) - start), 0, -1):
            sense = self.find(tuple(words[start : start + length]))
            if sense is not None:
                return start + length, sense
        return None

    def words(self) -> set[str]:
        """Every word of a name."""
        return {word for words in self.within for word in words} | self.keywords()

    def keywords(self) -> set[str]:
        """Words that mean something by themselves, to which misspelled ones are corrected."""
        names = (self.synonyms, self.targets, self.nouns, self.area_parts)
        found = {word for each in names for words in each for word in words}
        for words, dimensions in self.exact.items():
            if len(words) == 1 or set(dimensions) != {"description"}:
                found.update(words)
        return found | set(self.areas)

    def _synonym(self, words: Stems) -> Sense:
        unclear = Sense()
        for names in self.synonyms[words]:
            found = [sense for name in names if (sense := self._of_synonym(name))]
            if found and all(sense.meaning for sense in found):
                return self._joined(found)
            unclear = found[0] if found and not unclear.meanings else unclear
        return unclear

    def _of_synonym(self, name: str) -> Sense | None:
        if "=" in name:
            dimension, clause = Selection.parse(name).items[0]
            keys: tuple[str, ...] = clause.keys  # type: ignore[union-attr]
            return Sense((WordMeaning(dimension, keys),)) if self.has(dimension) else None
        if name.endswith(PREFIX_MARK):
            start = name.removesuffix(PREFIX_MARK)
            keys = tuple(key for key in self.incidents["group"] if key.startswith(start))
            return Sense((WordMeaning("group", keys),)) if keys else None
        return self._named(stems(name), listed=True)

    def _joined(self, senses: Sequence[Sense]) -> Sense:
        first = senses[0].meanings[0]
        keys = [
            key
            for sense in senses
            for meaning in sense.meanings
            if meaning.dimension == first.dimension
            for key in meaning.keys
        ]
        return Sense(
            (WordMeaning(first.dimension, tuple(dict.fromkeys(keys))),), senses[0].alternatives
        )

    def _named(self, words: Stems, *, listed: bool = False) -> Sense | None:
        areas = self.areas.get("".join(words), {})
        exact = {**self.exact.get(words, {}), **areas}
        target = self.targets.get(words)
        alternatives = (target,) if target else ()
        if self._is_whole(words, exact):
            return Sense(self._clear(exact), alternatives)
        if target is not None:
            return Sense((target,))
        if words[0] in LINKS or words[-1] in LINKS or not any(len(word) > 2 for word in words):
            return None
        inside = self._inside(words, listed=listed)
        if inside is not None:
            return inside
        if words in self.area_parts:
            return Sense(tuple(self.area_parts[words]), partial=True)
        return None

    def _is_whole(self, words: Stems, exact: Mapping[str, Sequence[str]]) -> bool:
        """Whether words are a name that covers at least half of the incidents named with them."""
        if not exact:
            return False
        for name in ("location_type", "description"):
            if set(exact) == {name}:
                others = self.within.get(words, {}).get(name, [])
                return self._count(name, exact[name]) >= HALF * self._count(name, others)
        return True

    def _inside(self, words: Stems, *, listed: bool) -> Sense | None:
        """Words within longer names.

        A single word tells too little, since names of offenses have many common ones: it is only a
        hint, unless it is listed as a word of the trade or begins several location types.
        """
        found = self.within.get(words, {})
        if not found:
            return None
        if listed:
            return Sense(self._clear(found))
        if len(words) > 1:
            meanings = self._clear(found)
            return Sense(meanings, partial=_misses_the_noun(words, meanings))
        places = found.get("location_type", [])
        begins = sum(stems(value)[:1] == words for value in places)
        if begins > 1 or words in self.alternatives:
            return Sense(self._clear(found))
        return Sense(self._clear(found), partial=True)

    def _clear(self, found: Mapping[str, Sequence[str]]) -> tuple[WordMeaning, ...]:
        """The one meaning that is clear, else all."""
        meanings = [WordMeaning(name, tuple(keys)) for name, keys in found.items()]
        for meaning in meanings:
            if meaning.dimension == "type" and len(meaning.keys) > 1:
                return tuple(WordMeaning("type", (key,)) for key in meaning.keys)
        if len(meanings) < 2:
            return tuple(meanings)
        sizes = [self._count(meaning.dimension, meaning.keys) for meaning in meanings]
        largest = max(range(len(meanings)), key=lambda at: sizes[at])
        if sizes[largest] >= CLEAR_SHARE * sum(sizes):
            return (meanings[largest],)
        general = [meaning for meaning in meanings if meaning.dimension == "type"]
        coarse = (*AREA_LEVELS, "type", "group", "location_type")
        finer = [name for name in found if name not in coarse]
        if general and len(finer) == len(meanings) - 1 and meanings[largest] is general[0]:
            return (general[0],)  # a description or attribute of the same name is part of the type
        return tuple(meanings)

    def _count(self, name: str, keys: Iterable[str]) -> int:
        known = self.incidents[name]
        return sum(known.get(key, 0) for key in keys)

    def _add_values(self, name: str, values: Iterable[str]) -> None:
        for value in values:
            words = stems(value)
            if not words or value == UNKNOWN:
                continue
            _add(self.exact, words, name, value)
            for first in range(len(words)):
                for last in range(first + 1, min(first + LONGEST, len(words)) + 1):
                    _add(self.within, words[first:last], name, value)
            if name == "location_type":
                self.alternatives.update(_alternatives(value))

    def _add_groups(self) -> None:
        for key in self.incidents["group"]:
            scheme, colon, line = key.rpartition(":")
            words = (*stems(scheme), *stems(line)) if colon else stems(line)
            _add(self.exact, words, "group", key)

    def _add_areas(self, level: str, names: Mapping[str, str]) -> None:
        for key in self.incidents[level]:
            name = names.get(key, key)
            words = stems(name)
            if not any(word.isalpha() for word in words) or words in self._numbered(level, key):
                continue
            for part in {words, *(stems(part) for part in name.split("/"))}:
                self.areas.setdefault("".join(part), {}).setdefault(level, []).append(key)
            for first in range(len(words)):
                for last in range(first + 1, len(words) + 1):
                    if words[first:last] != words and words[first] not in LINKS:
                        self.area_parts.setdefault(words[first:last], []).append(
                            WordMeaning(level, (key,))
                        )

    def _numbered(self, level: str, key: str) -> tuple[Stems, ...]:
        """Names that only repeat the level and its number, such as `District 11`."""
        return ((level, key), (level, key.lstrip("0")))

    def _add_nouns(self, level: str, label: str) -> None:
        if not self.incidents[level]:
            return
        self.nouns[stems(label)] = level
        for noun in _NOUNS[level]:
            self.nouns.setdefault(stems(noun), level)


_NOUNS = {
    "district": ("district", "dist", "police district", "precinct"),
    "beat": ("beat", "bt"),
    "ward": ("ward",),
    "area": ("community area", "comm area", "area", "neighborhood"),
}


def _misses_the_noun(words: Stems, meanings: Sequence[WordMeaning]) -> bool:
    """Whether words are part of one name but not what it names: the motor vehicle of a theft."""
    if len(meanings) != 1 or len(meanings[0].keys) != 1:
        return False
    own = stems(meanings[0].keys[0])
    return own[-1] != words[-1] and (meanings[0].dimension == "type" or own[0] != words[0])


def _add(
    names: dict[Stems, dict[str, list[str]]], words: Stems, dimension: str, value: str
) -> None:
    values = names.setdefault(words, {}).setdefault(dimension, [])
    if value not in values:
        values.append(value)


def _alternatives(value: str) -> list[Stems]:
    """Words of each alternative in a name, such as `hotel` and `motel` of `HOTEL/MOTEL`."""
    parts = [value]
    for sign in _NAME_SIGNS:
        parts = [piece for part in parts for piece in part.split(sign)]
    return [words for part in parts if (words := stems(part))]
