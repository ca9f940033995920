"""One record as another system sends it: an object with the source's columns, or a deletion."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from analytics.sources.source import Source

LONGEST_RECORD = 1 << 16
"""Bytes of one record."""
NOT_AN_OBJECT = "not a JSON object"
NOT_TEXT = "not UTF-8"
NO_ID = "no id"
DEEPEST = 64
"""Objects and lists inside each other, which many readers of JSON limit."""
TOO_DEEP = f"more than {DEEPEST} objects or lists inside each other"
TOO_LONG = f"longer than {LONGEST_RECORD:,} bytes"
DELETED = "deleted"
OTHER = "_other"
"""Column of what the source does not map, as JSON."""


@dataclass(frozen=True)
class Sent:
    """One line of a request.

    Attributes
    ----------
    line : from 1
    id : as it was sent; empty if the source's records may have none
    record : the object; none for a deletion and for a refused line
    reason : why it is refused; empty if it is not
    raw : the line, of a refused one
    """

    line: int
    id: str = ""
    record: Mapping[str, Any] | None = None
    reason: str = ""
    raw: str = ""

    @property
    def as_json(self) -> str:
        """One line of text, which `read` turns back."""
        if self.reason:
            values: dict[str, Any] = {"refused": self.reason, "raw": self.raw}
        elif self.record is None:
            values = {"deleted": self.id}
        else:
            values = {"id": self.id, "record": self.record}
        return json.dumps({"line": self.line, **values})

    @classmethod
    def read(cls, text: str) -> Sent:
        """A line as `as_json` wrote it.

        Raises
        ------
        ValueError, KeyError, TypeError
            It is not such a line.
        """
        try:
            values = json.loads(text)
        except RecursionError as error:
            raise ValueError(TOO_DEEP) from error
        if "refused" in values:
            return cls(values["line"], reason=values["refused"], raw=values["raw"])
        if "deleted" in values:
            return cls(values["line"], values["deleted"])
        return cls(values["line"], values["id"], values["record"])


class RecordReader:
    """Reads the records of one source."""

    def __init__(self, source: Source) -> None:
        self._fields = source.alternatives()
        self._needs_id = source.missing_id != "content"
        self._id = (*self._fields.get("id", ()), "id")
        mapped = {name.strip().lower() for names in self._fields.values() for name in names}
        self._may_delete = DELETED not in mapped

    def sent(self, lines: Sequence[bytes]) -> Iterator[Sent]:
        """What the lines of a request say; empty lines say nothing."""
        for number, line in enumerate(lines, 1):
            if line.strip():
                yield self._one(number, line.strip())

    def columns(self, record: Mapping[str, Any]) -> dict[str, Any]:
        """A record under the first name of each column; columns that it lacks are null.

        So that every file of records has the source's columns, whatever a system leaves out.
        """
        given = flat(record)
        by_name = {key.strip().lower(): key for key in given}
        found: dict[str, Any] = {}
        used = set()
        for names in self._fields.values():
            key = next((by_name[at] for name in names if (at := _plain(name)) in by_name), None)
            found[names[0]] = None if key is None else given[key]
            used.add(key)
        other = {key: value for key, value in given.items() if key not in used}
        return {**found, **({OTHER: json.dumps(other)} if other else {})}

    def _one(self, number: int, line: bytes) -> Sent:
        raw = line.decode("utf-8", "replace")
        found = _object(line)
        if isinstance(found, str):
            return Sent(number, reason=found, raw=raw)
        id = self._id_of(found)
        deletes = self._may_delete and found.get(DELETED) is True
        if not id and (deletes or self._needs_id):
            return Sent(number, reason=NO_ID, raw=raw)
        return Sent(number, id, None if deletes else found)

    def _id_of(self, record: Mapping[str, Any]) -> str:
        given = {_plain(key): value for key, value in flat(record).items()}
        values = (given.get(_plain(name)) for name in self._id)
        return next((text for value in values if (text := _text_of(value))), "")


def _object(line: bytes) -> dict[str, Any] | str:
    """The object of a line, or the reason why there is none."""
    if len(line) > LONGEST_RECORD:
        return TOO_LONG
    try:
        found = json.loads(line.decode("utf-8"), parse_constant=_refuse_constant)
        if _is_deeper(found, DEEPEST):
            return TOO_DEEP
        json.dumps(found, ensure_ascii=False).encode()  # no half characters
    except UnicodeError:
        return NOT_TEXT
    except RecursionError:
        return TOO_DEEP
    except ValueError:
        return NOT_AN_OBJECT
    return found if isinstance(found, dict) else NOT_AN_OBJECT


def _is_deeper(value: Any, levels: int) -> bool:
    """Whether a value has more objects and lists inside each other than that."""
    if not isinstance(value, dict | list):
        return False
    inner = value.values() if isinstance(value, dict) else value
    return not levels or any(_is_deeper(one, levels - 1) for one in inner)


def _text_of(value: Any) -> str:
    """The text of an id; empty for what cannot be one."""
    is_id = isinstance(value, str | int | float) and not isinstance(value, bool)
    return str(value).strip() if is_id else ""


def flat(record: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a record; those of an object in it are named `outer.inner`."""
    found: dict[str, Any] = {}
    for key, value in record.items():
        if isinstance(value, dict):
            found |= {f"{key}.{inner}": one for inner, one in value.items()}
        else:
            found[key] = value
    return found


def _plain(name: str) -> str:
    return name.strip().lower()


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")
