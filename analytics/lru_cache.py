"""A thread-safe cache of slow results that drops the least recently used."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from cachetools import LRUCache

Result = TypeVar("Result")
_ABSENT = object()


class LruCache:
    """Results by key, bounded by their number or by the sum of their sizes.

    Parameters
    ----------
    most : int
        Largest number of entries, or largest sum of sizes; a larger result is not kept.
    size : callable, optional
        Size of an entry from its key and result; by default 1.
    """

    def __init__(self, most: int, size: Callable[[Any, Any], int] | None = None) -> None:
        self._size = size or (lambda _key, _result: 1)
        self._lock = threading.Lock()
        self._entries: LRUCache[Hashable, tuple[int, Any]] = LRUCache(most, lambda entry: entry[0])

    def get(self, key: Hashable, default: Any = None) -> Any:
        """The cached result of a key."""
        with self._lock:
            entry = self._entries.get(key)
        return default if entry is None else entry[1]

    def put(self, key: Hashable, result: Any) -> None:
        """Cache a result in place of an earlier one."""
        size = self._size(key, result)
        with self._lock:
            if size > self._entries.maxsize:
                self._entries.pop(key, None)
            else:
                self._entries[key] = (size, result)

    def get_or_compute(self, key: Hashable, compute: Callable[[], Result]) -> Result:
        """The cached result of a key, or the result of `compute`, which is then cached.

        No lock is held meanwhile, so two threads may compute the same result.
        """
        found: Any = self.get(key, _ABSENT)
        if found is _ABSENT:
            found = compute()
            self.put(key, found)
        result: Result = found
        return result

    def drop(self, chosen: Callable[[Any], bool]) -> None:
        """Remove entries by key."""
        with self._lock:
            for key in [key for key in self._entries if chosen(key)]:
                del self._entries[key]

    @property
    def size(self) -> int:
        """Sum of the sizes of cached results."""
        return int(self._entries.currsize)

    def __len__(self) -> int:
        return len(self._entries)
