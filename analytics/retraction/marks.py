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
        """A regular expression that finds the texts as whole words; nothing without any."""
        if not self.texts:
            return "[^\\s\\S]"
        words = "|".join(re.escape(text) for text in sorted(self.texts, key=len, reverse=True))
        return f"(?:^|[^{_BESIDE}])(?:{words})(?:$|[^{_BESIDE}])"

    @cached_property
    def _words(self) -> re.Pattern[str]:
        words = "|".join(re.escape(text) for text in sorted(self.texts, key=len, reverse=True))
        if not words:
            return re.compile(r"(?!)")
        # A number after a point is part of another one.
        return re.compile(rf"(?<![{_BESIDE}])(?<!\d\.)(?:{words})(?![{_BESIDE}])(?!\.\d)")

    def cleaned(self, text: str) -> str:
        """A text without them. JSON stays JSON, also where a number was one of them."""
        if not self._words.search(text):
            return text
        try:
            value = json.loads(text)
        except ValueError:
            return self._words.sub(REPLACED, text)
        if not isinstance(value, dict | list):
            return self._words.sub(REPLACED, text)
        return json.dumps(self._cleaned_value(value), ensure_ascii=False)

    def _cleaned_value(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {
                self._words.sub(REPLACED, key): self._cleaned_value(one)
                for key, one in value.items()
            }
        if isinstance(value, list):
            return [self._cleaned_value(one) for one in value]
        if isinstance(value, str):
            return self._words.sub(REPLACED, value)
        if isinstance(value, int) and not isinstance(value, bool) and str(value) in self.texts:
            return REPLACED
        return value
