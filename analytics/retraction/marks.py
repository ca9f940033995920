"""Texts and places by which a retracted incident would be known, and how they are removed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import quote_plus

REPLACED = "[retracted]"
SHORTEST = 4
"""Shorter ids and case numbers would be found everywhere: only records themselves are removed."""
LONG_NUMBER = 7
"""Digits from which a number is an id wherever it stands; shorter ones may be years and counts."""
_BESIDE = "0-9A-Za-z_-"


@dataclass
class Marks:
    """What only retracted incidents have; places in degrees."""

    texts: set[str] = field(default_factory=set)
    places: set[tuple[float, float]] = field(default_factory=set)

    def add(
        self, rows: Iterable[tuple[str, str | None, str | None, float | None, float | None]]
    ) -> None:
        """Add id and case number of incidents, and block and place where no other has them."""
        for identifier, case_number, block, lat, lon in rows:
            known = (identifier, case_number, block, quote_plus(block) if block else None)
            self.texts |= {text for text in known if text and len(text) >= SHORTEST}
            if lat is not None and lon is not None:
                self.places.add((lat, lon))

    @property
    def pattern(self) -> str:
        """A regular expression that finds any of the texts as whole words in a refused row.

        Short numbers too: a refused row that is lost costs less than one that was to be removed.
        """
        words = _alternatives(self.texts)
        return f"(?:^|[^{_BESIDE}])(?:{words})(?:$|[^{_BESIDE}])" if words else "[^\\s\\S]"

    @cached_property
    def _words(self) -> re.Pattern[str]:
        """Finds what is an id wherever it stands."""
        words = _alternatives(
            text for text in self.texts if not text.isdigit() or len(text) >= LONG_NUMBER
        )
        if not words:
            return re.compile(r"(?!)")
        # A number after a point is part of another one.
        return re.compile(rf"(?<![{_BESIDE}])(?<!\d\.)(?:{words})(?![{_BESIDE}])(?!\.\d)")

    def cleaned(self, text: str) -> str:
        """A text without them. JSON stays JSON, also where a number was one of them.

        A number of less than `LONG_NUMBER` digits is removed where it is a whole text.
        """
        try:
            value = json.loads(text) if text[:1] in ("{", "[") else text
        except ValueError:
            value = text
        cleaned = self._cleaned_value(value)
        if cleaned == value:
            return text
        return cleaned if isinstance(cleaned, str) else json.dumps(cleaned, ensure_ascii=False)

    def _cleaned_value(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {
                self._cleaned_value(key): self._cleaned_value(one) for key, one in value.items()
            }
        if isinstance(value, list):
            return [self._cleaned_value(one) for one in value]
        if isinstance(value, str):
            return REPLACED if value in self.texts else self._words.sub(REPLACED, value)
        if (
            isinstance(value, int)
            and not isinstance(value, bool)
            and value >= 10 ** (LONG_NUMBER - 1)
        ):
            return REPLACED if str(value) in self.texts else value
        return value


def _alternatives(texts: Iterable[str]) -> str:
    """Texts as alternatives of a regular expression, the longest first."""
    return "|".join(re.escape(text) for text in sorted(texts, key=len, reverse=True))
