"""What a run changes of stored series, and what people decide."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from analytics.audit import Audit
from analytics.errors import InputError
from analytics.series.found_series import FoundSeries
from analytics.series.run_results import Proposals
from analytics.series.series_rows import Act, CrimeSeries, SeriesState
from analytics.series.stored_series import StoredSeries
from analytics.settings import Settings
from analytics.state import State


@pytest.fixture
def stored(settings: Settings) -> Iterator[StoredSeries]:
    state = State(settings)
    yield StoredSeries(state, settings)
    state.close()


def run(stored: StoredSeries, *found: str) -> Proposals:
    """A run that finds series with one letter for each incident."""
    series = [FoundSeries(tuple(one), 9.0 - at, 0.1) for at, one in enumerate(found)]
    return stored.store("burglary", series, {"title": "Burglary"}, "s1")


def only(stored: StoredSeries, *states: SeriesState) -> CrimeSeries:
    (found,) = stored.listed(states)
    return found


def letters(series: CrimeSeries) -> str:
    return "".join(sorted(series.members))


def test_a_proposal_found_again_keeps_its_number_and_one_that_is_not_lapses(
    stored: StoredSeries,
) -> None:
    assert run(stored, "abc", "xyz") == Proposals(new=2)
    first, other = stored.listed()
    assert run(stored, "bcde") == Proposals(again=1, lapsed=1)
    assert letters(stored.get(first.id)) == "bcde"
    assert stored.get(other.id).state is SeriesState.LAPSED
    assert run(stored, "bcde", "xyz") == Proposals(again=2)
    assert stored.get(other.id).state is SeriesState.PROPOSED
    assert [one.act for one in stored.events(other.id)] == [Act.PROPOSED, Act.LAPSED, Act.UPDATED]
    assert run(stored, "bcde", "xyz") == Proposals(again=2)
    assert len(stored.events(other.id)) == 3  # nothing happened


def test_a_confirmed_series_only_gets_additions_offered(stored: StoredSeries) -> None:
    run(stored, "abc")
    own = stored.confirm(only(stored).id, "Roof entries")
    run(stored, "abcd", "bcef", "uvw")
    found = stored.get(own.id)
    assert (letters(found), sorted(found.additions)) == ("abc", ["d", "e", "f"])
    assert letters(only(stored, SeriesState.PROPOSED)) == "uvw"
    stored.add(own.id, ["d"])
    stored.remove(own.id, ["a"])
    run(stored, "abcd", "bcef", "uvw")
    found = stored.get(own.id)
    assert (letters(found), sorted(found.additions)) == ("bcd", ["e", "f"])  # not a again
    run(stored, "uvw")
    assert stored.get(own.id).additions == frozenset()
    assert stored.get(own.id).name == "Roof entries"


def test_one_incident_in_common_does_not_make_a_candidate_part_of_a_confirmed_series(
    stored: StoredSeries,
) -> None:
    run(stored, "abcde")
    own = stored.confirm(only(stored).id)
    assert run(stored, "eklmnop") == Proposals(new=1)
    assert stored.get(own.id).additions == frozenset()
    assert letters(only(stored, SeriesState.PROPOSED)) == "eklmnop"


def test_what_was_removed_before_a_merge_is_not_offered_after_it(stored: StoredSeries) -> None:
    run(stored, "abcd", "wxyz")
    first, other = stored.listed()
    stored.remove(other.id, [sorted(other.members)[-1]])
    merged = stored.merge(first.id, other.id)
    run(stored, "abcdwxyz")
    assert stored.get(merged.id).additions == frozenset()


def test_a_rejected_series_comes_back_only_with_as_many_new_incidents(stored: StoredSeries) -> None:
    run(stored, "abc")
    stored.reject(only(stored).id, "Three different people")
    assert run(stored, "abcde") == Proposals()
    assert run(stored, "abcdef") == Proposals(new=1)
    assert letters(only(stored, SeriesState.PROPOSED)) == "abcdef"


def test_runs_of_one_kind_leave_the_others(stored: StoredSeries) -> None:
    run(stored, "abc")
    stored.store("robbery", [FoundSeries(("r", "s", "t"), 1.0, 0.0)], {"title": "Robbery"}, "s1")
    assert run(stored, "abc").lapsed == 0
    assert len(stored.listed([SeriesState.PROPOSED])) == 2
    assert stored.runs().keys() == {"burglary", "robbery"}


def test_series_are_split_and_merged_with_their_history(
    stored: StoredSeries, settings: Settings
) -> None:
    run(stored, "abcdef")
    own = only(stored)
    part = stored.split(own.id, ["e", "f"])
    assert (letters(stored.get(own.id)), letters(part)) == ("abcd", "ef")
    assert stored.get(own.id).state is part.state is SeriesState.CONFIRMED
    merged = stored.merge(part.id, own.id, "Same gloves")
    assert letters(merged) == "abcdef"
    gone = stored.get(own.id)
    assert (gone.state, gone.merged_into) == (SeriesState.MERGED, part.id)
    last = stored.events(part.id)[-1]
    assert (last.act, last.other, last.incidents) == (Act.MERGED, own.id, tuple("abcd"))
    with pytest.raises(InputError, match="part of series"):
        stored.confirm(own.id)
    state = State(settings)
    events = [one.event for one in Audit(state, settings).entries()]
    state.close()
    assert events.count("series.changed") == 4


@pytest.mark.parametrize(
    "act",
    [
        lambda stored, own: stored.remove(own, ["a", "b"]),  # one would be left
        lambda stored, own: stored.remove(own, ["q"]),
        lambda stored, own: stored.split(own, ["a"]),
        lambda stored, own: stored.split(own, []),
        lambda stored, own: stored.add(own, ["a", "b"]),
        lambda stored, own: stored.merge(own, own),
        lambda stored, own: stored.merge(own, 999),
        lambda stored, own: stored.rename(own, " "),
        lambda stored, own: stored.rename(own, "x" * 81),
        lambda stored, own: stored.confirm(own, seen=7),
        lambda stored, own: stored.add(own, [f"i{one}" for one in range(501)]),
        lambda stored, _own: stored.get(10**12),
    ],
)
def test_what_is_not_valid_is_refused_and_changes_nothing(
    stored: StoredSeries, act: Callable[[StoredSeries, int], object]
) -> None:
    run(stored, "abc")
    own = only(stored)
    with pytest.raises(InputError):
        act(stored, own.id)
    assert stored.get(own.id) == own
    assert len(stored.events(own.id)) == 1


def test_a_series_of_another_kind_is_not_merged(stored: StoredSeries) -> None:
    run(stored, "abc")
    own = only(stored)
    other = stored.make("robbery", ["x", "y"], "Of alert 3")
    with pytest.raises(InputError, match="one kind"):
        stored.merge(own.id, other.id)
    assert other.state is SeriesState.CONFIRMED
