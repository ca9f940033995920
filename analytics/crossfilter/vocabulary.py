"""The values in a snapshot, and corrections of values that it does not have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from analytics.crossfilter.clauses import (
    NONE,
    CustomAreas,
    Labels,
    Words,
    label_key,
    short_name,
)
from analytics.crossfilter.custom_area import FindAreas, no_areas
from analytics.crossfilter.dimensions import DIMENSIONS, LABELED, Kind, dimension
from analytics.crossfilter.outline_names import outline_names
from analytics.crossfilter.point_labels import dimension_of, label_versions, of_snapshot
from analytics.crossfilter.selection import Selection
from analytics.errors import InputError
from analytics.incidents.model import AREA_LEVELS, ATTRIBUTE_PREFIX, UNKNOWN
from analytics.incidents.reader import SnapshotReader
from analytics.near_name import MOST_HINTS, near_name
from sql import load

MAX_VALUES = 5_000


@dataclass(frozen=True)
class Word:
    """A known value: its key in a selection, its label and its number of incidents."""

    value: str
    label: str
    incidents: int


@dataclass(frozen=True)
class Vocabulary:
    """Known values by dimension, most frequent first."""

    words: Mapping[str, tuple[Word, ...]]
    names: Mapping[str, Mapping[str, str]]  # area level or labels → key → name
    labels: Mapping[str, str]  # dimension → label
    retired: Mapping[str, Mapping[str, str]]  # dimension → label no longer used → its successor
    versions: Mapping[str, int] = field(default_factory=dict)  # model → version of its labels
    descriptions: Mapping[str, Sequence[str]] = field(default_factory=dict)  # type → its own
    unknown: Mapping[str, int] = field(default_factory=dict)  # dimension → incidents without value
    areas: FindAreas = no_areas

    @classmethod
    def of(
        cls,
        reader: SnapshotReader,
        names: Mapping[str, Mapping[str, str]] | None = None,
        areas: FindAreas = no_areas,
    ) -> Vocabulary:
        """Read the vocabulary of a snapshot.

        Parameters
        ----------
        names
            Names of labels, such as {"zone": {"kmeans@7:12": "Madison"}}.
        areas
            Finds the custom areas that the current reader may use.
        """
        names = outline_names(reader.snapshot) | dict(names or {})
        manifest = reader.snapshot.manifest
        attributes, versions = manifest.attributes, label_versions(manifest)
        columns = {
            name: known.column
            for name, known in DIMENSIONS.items()
            if known.kind is Kind.WORDS and known.listed
        } | {
            attribute.name: ATTRIBUTE_PREFIX + attribute.name
            for attribute in attributes
            if attribute.kind != "number"
        }
        words = {
            name: _words(reader, "crossfilter/vocabulary", name, names, column=f'"{column}"')
            for name, column in columns.items()
        }
        words["group"] += _words(reader, "crossfilter/schemes", "group", names)
        words |= dict.fromkeys(LABELED, ())
        for model, version in versions.items():
            words[dimension_of(model)] += _label_words(reader, model, version, names)
        labels = {name: known.label for name, known in DIMENSIONS.items()}
        labels |= {attribute.name: attribute.label for attribute in attributes}
        rows = reader.frame(load("crossfilter/descriptions")).iter_rows()
        descriptions = {type_: tuple(text or UNKNOWN for text in texts) for type_, texts in rows}
        retired = manifest.source.retired
        return cls(words, names, labels, retired, versions, descriptions, manifest.unknown, areas)

    def values(self, name: str) -> tuple[str, ...]:
        """Known values of a dimension; empty if it has no list of them."""
        return tuple(word.value for word in self.words.get(name, ()))

    def every(self, name: str) -> tuple[str, ...]:
        """Values that cover all incidents: those known, and unknown where some have none."""
        known = self.values(name)
        if name == "group":  # other schemes do not cover every incident
            known = tuple(value for value in known if ":" not in value)
        return (*known, UNKNOWN) if known and self.unknown.get(name) else known

    def descriptions_of(self, types: Sequence[str]) -> tuple[str, ...]:
        """Descriptions that incidents of these types have."""
        found = (text for type_ in types for text in self.descriptions.get(type_, ()))
        return tuple(dict.fromkeys(found))

    def label(self, name: str, value: str) -> str:
        """Label of a value."""
        return label_of(name, value, self.names)

    def resolve(self, selection: Selection) -> tuple[Selection, list[str]]:
        """Correct values to those of the data; returns messages about values that it lacks.

        Case, surrounding spaces and leading zeros are ignored, and retired labels are replaced by
        their successors. A value that stays unknown is kept, so that it matches nothing rather
        than everything. A label of another version of a model is left out, since it means nothing
        in this snapshot, and a custom area that the reader may not use.
        """
        selection, messages = self.of_snapshot(selection)
        for name, clause in selection.items:
            known = self.values(name)
            if isinstance(clause, Labels):
                selection = selection.replace(name, self._labels(name, clause, messages))
            if not isinstance(clause, Words) or name not in self.words:
                continue
            if set(clause.keys) <= {*known, UNKNOWN}:
                continue
            by_form = {_form(old): new for old, new in self.retired.get(name, {}).items()}
            by_form |= {_form(value): value for value in reversed(known)}
            values, lacking, keys = set(known), list[str](), list[str]()
            for key in clause.keys:
                found = key if key in values else by_form.get(_form(key))
                if found is None and _form(key) == UNKNOWN:
                    found = UNKNOWN
                if found is None and len(known) < MAX_VALUES:
                    lacking.append(key)
                keys.append(found or key)
            messages += self._unknown(name, lacking, by_form)
            selection = selection.replace(name, Words(tuple(keys)))
        return selection, messages

    def resolve_strictly(self, selection: Selection) -> tuple[Selection, list[str]]:
        """Like `resolve`, but refuse to leave out a filter.

        Raises
        ------
        InputError
            A label belongs to another version of its model, or the reader may not use a custom
            area; without it, more would be selected.
        """
        _, left_out = self.of_snapshot(selection)
        if left_out:
            raise InputError(" ".join(left_out))
        return self.resolve(selection)

    def of_snapshot(self, selection: Selection) -> tuple[Selection, list[str]]:
        """Leave out labels of other versions, and custom areas of others; returns messages."""
        messages: list[str] = []
        for name, clause in selection.items:
            if isinstance(clause, Labels):
                kept, left_out = of_snapshot(clause, self.versions)
                selection = selection.replace(name, kept)
                messages += left_out
            elif isinstance(clause, CustomAreas):
                own, left_out = clause.looked_up(self.areas)
                selection = selection.replace(name, own)
                messages += left_out
        return selection, messages

    def with_area_names(self, selection: Selection) -> Selection:
        """The same selection for a sentence: custom areas that the reader may use have names."""
        clause = selection.get("custom_area")
        if not isinstance(clause, CustomAreas):
            return selection
        known = tuple(self.areas(clause.keys).values())
        return selection.replace("custom_area", CustomAreas(clause.keys, known))

    def _labels(self, name: str, clause: Labels, messages: list[str]) -> Labels:
        """Correct labels to those of the model; `none` stands for places without a label."""
        known = self.values(name)
        by_form = {_label_form(word): word.partition(":")[2] for word in known}
        keys: list[tuple[str, int, str] | None] = [None] if clause.unknown else []
        for model, version, label in clause.known:
            word = label_key(model, version, label)
            found = label if word in known else by_form.get(_label_form(word))
            if found is None and _form(label) == NONE:
                found = NONE
            if found is None:
                noun = self.labels[name].lower()
                messages.append(f'{short_name(model)} version {version} has no {noun} "{label}".')
            keys.append((model, version, found or label))
        return Labels(tuple(keys))

    def _unknown(
        self, name: str, lacking: Sequence[str], by_form: Mapping[str, str]
    ) -> Iterator[str]:
        """Messages about values that the data lacks: of the first ones, what may be meant."""
        label = self.labels.get(name, dimension(name).label).lower()
        for key in lacking[:MOST_HINTS]:
            near = near_name(_form(key), by_form)
            hint = "." if near is None else f'; did you mean "{by_form[near]}"?'
            yield f'No incident has the {label} "{key}"{hint}'
        more = len(lacking) - MOST_HINTS
        if more > 0:
            yield f"No incident has {more:,} more of the values chosen for {label}."


def label_of(name: str, value: str, names: Mapping[str, Mapping[str, str]] | None = None) -> str:
    """Label of a value: in sentence case, with the name of an area before its key.

    `names` of areas, and of labels such as `kmeans@7:12`, are by dimension and value.
    """
    if value == UNKNOWN:
        return "Unknown"
    if name in LABELED:
        return (names or {}).get(name, {}).get(value) or _plain_label(name, value)
    if name in AREA_LEVELS:
        area = (names or {}).get(name, {}).get(value, value)
        said = {_form(word) for word in area.split()}
        return area if _form(value) in said else f"{area} ({value})"
    if name == "group":
        scheme, colon, line = value.rpartition(":")
        return _sentence_case(line) + (f" ({scheme.replace('_', ' ')})" if colon else "")
    if name in ("type", "description", "location_type"):
        return _sentence_case(value)
    return value


def _plain_label(name: str, value: str) -> str:
    """A label without a name, such as `Zone 12 (kmeans version 7)`."""
    head, _, label = value.partition(":")
    model, _, version = head.partition("@")
    noun = dimension(name).label
    said = f"No {noun.lower()}" if label == NONE else f"{noun} {label}"
    return f"{said} ({model.replace('.', ' of ')} version {version})"


def _words(
    reader: SnapshotReader,
    statement: str,
    name: str,
    names: Mapping[str, Mapping[str, str]],
    **identifiers: str,
) -> tuple[Word, ...]:
    rows = reader.frame(load(statement, **identifiers), {"rows": MAX_VALUES}).iter_rows()
    return tuple(Word(value, label_of(name, value, names), count) for value, count in rows)


def _label_words(
    reader: SnapshotReader, model: str, version: int, names: Mapping[str, Mapping[str, str]]
) -> tuple[Word, ...]:
    head = label_key(model, version, "")
    parameters = {"model": model, "version": version, "head": head, "rows": MAX_VALUES}
    rows = reader.frame(load("crossfilter/labels_vocabulary"), parameters)
    name = dimension_of(model)
    return tuple(Word(key, label_of(name, key, names), count) for key, count in rows.iter_rows())


def _label_form(key: str) -> tuple[str, str]:
    head, _, label = key.partition(":")
    return head, _form(label)


def _form(text: str) -> str:
    """Normal form of a value, equal for different spellings."""
    folded = " ".join(text.split()).casefold()
    return folded.lstrip("0") or "0" if folded.isdecimal() else folded


def _sentence_case(text: str) -> str:
    return text[:1].upper() + (text[1:].lower() if text.isupper() else text[1:])
