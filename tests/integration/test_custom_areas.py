"""Custom areas: whose they are, how long they last, and that selections keep to that."""

from __future__ import annotations

import pytest

from analytics.access.reader import Reader, ScopeRules, reading
from analytics.access.roles import Role
from analytics.audit import Audit
from analytics.crossfilter.cached_crossfilter import CachedCrossFilter, ResultCache
from analytics.crossfilter.clauses import Polygon
from analytics.crossfilter.scope import EVERYTHING
from analytics.crossfilter.selection import EMPTY, Selection
from analytics.crossfilter.sentence import chips, sentence
from analytics.crossfilter.sql_crossfilter import SqlCrossFilter
from analytics.crossfilter.views import view
from analytics.crossfilter.vocabulary import Vocabulary
from analytics.custom_area_file import drawn_shape
from analytics.custom_areas import MOST_OF_ONE, CustomAreaStore
from analytics.errors import InputError, NotAllowedError
from analytics.incidents.reader import SnapshotReader
from analytics.settings import Settings
from analytics.state import State
from tests.integration.snapshots import small_city, small_reader  # noqa: F401

ANALYST = Reader("D. Reyes", frozenset({Role.ANALYST}))
VIEWER = Reader("Chief", frozenset({Role.VIEWER}))
PRECINCT = Reader("P. Ames", frozenset({Role.VIEWER}), ScopeRules("district=001"))
DRAWN = Polygon(((41.85, -87.68), (41.85, -87.64), (41.89, -87.64), (41.89, -87.68)))


@pytest.fixture
def state(settings: Settings) -> State:
    return State(settings)


@pytest.fixture
def store(state: State, settings: Settings) -> CustomAreaStore:
    with reading(ANALYST):
        return CustomAreaStore(state, settings)


def as_reader(reader: Reader, state: State, settings: Settings) -> CustomAreaStore:
    with reading(reader):
        return CustomAreaStore(state, settings)


def keep(store: CustomAreaStore, name: str, *roles: Role) -> str:
    with reading(ANALYST):
        return store.add([drawn_shape(name, DRAWN)], roles)[0].id


def test_an_area_is_found_by_its_owner_and_by_the_roles_it_is_shared_with(
    store: CustomAreaStore, state: State, settings: Settings
) -> None:
    private, shared = keep(store, "Mine"), keep(store, "North", Role.VIEWER)
    for reader, found, offered in (
        (ANALYST, {private, shared}, ["Mine", "North"]),
        (VIEWER, {shared}, ["North"]),
        (Reader("A. Okafor", frozenset({Role.ANALYST})), set(), []),
        (PRECINCT, set(), []),
    ):
        with reading(reader):
            seen = as_reader(reader, state, settings)
            assert set(seen.find([private, shared, "0" * 10])) == found
            assert [area.name for area in seen.offered()] == offered


def test_as_many_areas_as_a_person_may_have_are_found_at_once(store: CustomAreaStore) -> None:
    shape = drawn_shape("x", DRAWN)
    with reading(ANALYST):
        names = map(str, range(MOST_OF_ONE))
        added = store.add([type(shape)(name, shape.polygons) for name in names])
        assert set(store.find([area.id for area in added])) == {area.id for area in added}


def test_who_sees_a_part_has_her_own_areas(state: State, settings: Settings) -> None:
    own = as_reader(PRECINCT, state, settings)
    with reading(PRECINCT):
        (area,) = own.add([drawn_shape("Mine", DRAWN)])
        assert set(own.find([area.id])) == {area.id}


def test_only_the_owner_changes_and_ends_an_area(
    store: CustomAreaStore, state: State, settings: Settings
) -> None:
    area = keep(store, "North", Role.VIEWER)
    with reading(VIEWER):
        theirs = as_reader(VIEWER, state, settings)
        for change in (lambda: theirs.change(area, "X", ()), lambda: theirs.end(area, "gone")):
            with pytest.raises(InputError):
                change()
        with pytest.raises(NotAllowedError):
            theirs.add([drawn_shape("Own", DRAWN)], [Role.ANALYST])
        assert theirs.own() == []
    with reading(ANALYST):
        store.change(area, "Northside", ())
        with pytest.raises(InputError):
            store.end(area, " ")
        store.end(area, "Replaced")
        with pytest.raises(InputError):
            store.end(area, "Again")
    entries = Audit(state, settings).latest(3)
    assert [one.event.partition(".")[2] for one in entries] == ["ended", "changed", "added"]
    assert (entries[0].reason, entries[0].subject) == ("Replaced", "Northside")
    assert {one.person for one in entries} == {ANALYST.name}


def test_an_ended_area_is_offered_no_more_but_keeps_its_shape_and_frees_its_name(
    store: CustomAreaStore,
) -> None:
    area = keep(store, "North")
    with reading(ANALYST):
        before = store.find([area])[area].geometry
        store.end(area, "Replaced")
        assert store.offered() == []
        found = store.find([area])[area]
        assert found.ended
        assert found.geometry == before
        assert keep(store, "North") != area


def test_a_file_is_added_whole_or_not_at_all(store: CustomAreaStore) -> None:
    keep(store, "North")
    for names in (["South", "North"], ["South", "South"], ["South", ""], ["South", "x" * 81]):
        with reading(ANALYST), pytest.raises(InputError):
            store.add([drawn_shape(name, DRAWN) for name in names])
    with reading(ANALYST):
        assert [area.name for area in store.own()] == ["North"]
        shape = drawn_shape("x", DRAWN)
        many = [type(shape)(f"{number}", shape.polygons) for number in range(MOST_OF_ONE)]
        with pytest.raises(InputError, match=str(MOST_OF_ONE)):
            store.add(many)


@pytest.fixture
def vocabulary(
    small_reader: SnapshotReader,  # noqa: F811
    store: CustomAreaStore,
) -> Vocabulary:
    return Vocabulary.of(small_reader, areas=store.find)


def test_a_custom_area_counts_what_the_polygon_it_was_drawn_as_counts(
    small_reader: SnapshotReader,  # noqa: F811
    store: CustomAreaStore,
    vocabulary: Vocabulary,
) -> None:
    area = keep(store, "North")
    crossfilter = SqlCrossFilter(small_reader)
    with reading(ANALYST):
        chosen, messages = vocabulary.resolve(Selection.parse(f"custom_area={area}"))
    assert messages == []
    drawn = EMPTY.replace("polygon", DRAWN)
    views = [view("total"), view("type")]
    counted, expected = (
        {name: frame.rows() for name, frame in crossfilter.counts(EVERYTHING, one, views).items()}
        for one in (chosen, drawn)
    )
    assert counted == expected
    assert counted["total"][0][0] > 0


def test_the_filter_is_named_by_the_area_and_says_when_that_has_ended(
    small_reader: SnapshotReader,  # noqa: F811
    store: CustomAreaStore,
    vocabulary: Vocabulary,
) -> None:
    area = keep(store, "North <b>")
    manifest = small_reader.snapshot.manifest
    with reading(ANALYST):
        chosen, _ = vocabulary.resolve(Selection.parse(f"custom_area={area}"))
        assert '"North <b>"' in sentence(chosen, manifest)
        assert '"North <b>"' in chips(chosen)[0].label
        store.end(area, "Replaced")
        ended, _ = vocabulary.resolve_strictly(chosen)
    assert "ended" in sentence(ended, manifest)
    assert ended.text == chosen.text


def test_an_area_of_others_is_left_out_or_refused_like_one_that_does_not_exist(
    store: CustomAreaStore, vocabulary: Vocabulary
) -> None:
    private = keep(store, "Secret place")
    for reader in (VIEWER, PRECINCT):
        with reading(reader):
            messages = []
            for area in (private, "0" * 10):
                chosen = Selection.parse(f"type=THEFT&custom_area={area}")
                resolved, said = vocabulary.resolve(chosen)
                assert resolved.text == "type=THEFT"
                messages.append(said[0].replace(area, "ID"))
                with pytest.raises(InputError):
                    vocabulary.resolve_strictly(chosen)
            assert messages[0] == messages[1]
            assert "Secret" not in messages[0]


def test_an_answer_kept_for_one_reader_is_not_given_without_looking_the_area_up(
    small_reader: SnapshotReader,  # noqa: F811
    store: CustomAreaStore,
    vocabulary: Vocabulary,
) -> None:
    area = keep(store, "North")
    unchecked = Selection.parse(f"custom_area={area}")
    with reading(ANALYST):
        chosen, _ = vocabulary.resolve(unchecked)
    cached = CachedCrossFilter(SqlCrossFilter(small_reader), ResultCache(1), "snapshot")
    cached.counts(EVERYTHING, chosen, [view("total")])
    for selection in (unchecked, unchecked.replace("type", Selection.parse("type=X").get("type"))):
        with pytest.raises(InputError, match=area):
            cached.counts(EVERYTHING, selection, [view("total")])
