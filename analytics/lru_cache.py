"""Results that take a while, least recently used out first, shared between threads."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from cachetools import LRUCache

Result = TypeVar("Result")
_ABSENT = object()


class LruCache:
    """Results by key. Bounded by their number, or by the sum of their sizes.

    Parameters
    ----------
    most : int
        Entries, or what their sizes may sum to; a larger result is not kept.
    size : callable, optional
        Size of an entry from its key and result; 1 for each without it.
    """

    def __init__(self, most: int, size: Callable[[Any, Any], int] | None = None) -> None:
        self._size = size or (lambda _key, _result: 1)
        self._lock = threading.Lock()
        self._entries: LRUCache[Hashable, tuple[int, Any]] = LRUCache(most, lambda entry: entry[0])

    def get(self, key: Hashable, default: Any = None) -> Any:
        """The result kept for this key."""
        with self._lock:
            entry = self._entries.get(key)
        return default if entry is None else entry[1]

    def put(self, key: Hashable, result: Any) -> None:
        """Keep a result in place of any earlier one of this key."""
        size = self._size(key, result)
        with self._lock:
            if size > self._entries.maxsize:
                self._entries.pop(key, None)
            else:
                self._entries[key] = (size, result)

    def get_or_compute(self, key: Hashable, compute: Callable[[], Result]) -> Result:
        """The result kept for this key, else what `compute` returns.

        No lock is held meanwhile: two threads that ask at once may both compute.
        """
        found: Any = self.get(key, _ABSENT)
        if found is _ABSENT:
            found = compute()
            self.put(key, found)
        result: Result = found
        return result

    def drop(self, chosen: Callable[[Any], bool]) -> None:
        """Forget the entries whose key is chosen."""
        with self._lock:
            for key in [key for key in self._entries if chosen(key)]:
                del self._entries[key]

    @property
    def size(self) -> int:
        """Sum of the sizes of what is kept."""
        return int(self._entries.currsize)

    def __len__(self) -> int:
        return len(self._entries)
