"""Incidents that must not come back: keyed hashes of their ids, never the ids.

<home>/retracted/key      secret; without it nobody can try ids against the list
<home>/retracted/hashes   one SHA-256 of key and id in each line
<home>/retracted/pending  exists while a retraction is under way
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from pathlib import Path

from analytics.stored import replace_text

FOLDER = "retracted"
KEY = "retraction_key"
"""Name of the bound value in SQL."""


class RetractedIds:
    """The list of one home folder."""

    def __init__(self, home: Path) -> None:
        self._folder = home / FOLDER
        self._pending = self._folder / "pending"

    @property
    def key(self) -> str:
        """The secret; made with the first list."""
        try:
            return (self._folder / "key").read_text(encoding="utf-8").strip()
        except FileNotFoundError:
            return ""

    @property
    def hashes(self) -> list[str]:
        """Hashes of the ids."""
        try:
            return (self._folder / "hashes").read_text(encoding="utf-8").split()
        except FileNotFoundError:
            return []

    @property
    def is_pending(self) -> bool:
        """Whether a retraction was begun and not finished."""
        return self._pending.exists()

    def begin(self, ids: Iterable[str]) -> None:
        """Add ids; from now on they are kept out, and removing them can go on after a crash."""
        self._folder.mkdir(parents=True, exist_ok=True)
        if not self.key:
            replace_text(self._folder / "key", secrets.token_hex(32) + "\n")
        found = {*self.hashes, *map(self.hash_of, ids)}
        replace_text(self._pending, "")
        replace_text(self._folder / "hashes", "".join(f"{one}\n" for one in sorted(found)))

    def finish(self) -> None:
        """Note that nothing of them is left."""
        self._pending.unlink(missing_ok=True)

    def hash_of(self, identifier: str) -> str:
        return hashlib.sha256((self.key + identifier).encode()).hexdigest()

    def has(self, identifier: str) -> bool:
        return self.hash_of(identifier) in set(self.hashes)

    def condition(self, expression: str) -> str:
        """SQL that is true for ids of the list; bind `values`."""
        return f"coalesce(list_contains($retracted_hashes, sha256(${KEY} || {expression})), false)"

    @property
    def values(self) -> dict[str, object]:
        """Values of `condition`."""
        return {KEY: self.key, "retracted_hashes": self.hashes}
