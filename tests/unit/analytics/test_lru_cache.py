"""Results that are kept: which go first, and how large they may be together."""

from __future__ import annotations

from analytics.lru_cache import LruCache


def test_a_result_is_computed_once_until_it_is_the_least_recently_used() -> None:
    cache, computed = LruCache(2), []

    def asked(key: str) -> str:
        return cache.get_or_compute(key, lambda: computed.append(key) or key.upper())

    assert [asked(key) for key in ("a", "b", "a", "c", "a", "b")] == list("ABACAB")
    assert computed == ["a", "b", "c", "b"]
    assert len(cache) == 2


def test_nothing_is_a_result_too() -> None:
    cache, computed = LruCache(2), []
    for _ in range(3):
        assert cache.get_or_compute("none", lambda: computed.append(1)) is None
    assert computed == [1]


def test_sizes_sum_to_the_limit_at_most_and_one_beyond_it_is_not_kept() -> None:
    cache = LruCache(10, lambda _key, result: result)
    for key, size in enumerate((4, 4, 4)):
        cache.put(key, size)
    assert (cache.get(0), cache.get(1), cache.get(2), cache.size) == (None, 4, 4, 8)
    cache.put(1, 11)
    assert (cache.get(1), cache.size) == (None, 4)


def test_chosen_keys_are_dropped() -> None:
    cache = LruCache(10)
    for key in range(6):
        cache.put(key, key)
    cache.drop(lambda key: key % 2 == 0)
    assert [cache.get(key) for key in range(6)] == [None, 1, None, 3, None, 5]
