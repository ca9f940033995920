"""The cross-filter's cache, vocabulary, pages of incidents and services on a small snapshot."""

from __future__ import annotations

import gc
import json
import threading
import weakref
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from analytics.crossfilter import compiled, point_sample
from analytics.crossfilter.cached_crossfilter import CachedCrossFilter, ResultCache
from analytics.crossfilter.clauses import Polygon
from analytics.crossfilter.code_files import CodeFiles
from analytics.crossfilter.crossfilter import CrossFilter
from analytics.crossfilter.incidents_page import PageDays, batches, columns_of, page
from analytics.crossfilter.nights import DayClock
from analytics.crossfilter.places import in_rings
from analytics.crossfilter.point_sample import draw_order
from analytics.crossfilter.scan_crossfilter import ScanCrossFilter
from analytics.crossfilter.scope import EVERYTHING, Scope
from analytics.crossfilter.selection import EMPTY, Selection
from analytics.crossfilter.sql_crossfilter import SqlCrossFilter
from analytics.crossfilter.views import View, view
from analytics.crossfilter.vocabulary import Vocabulary
from analytics.errors import InputError
from analytics.incidents.reader import SnapshotReader
from analytics.near_name import MOST_HINTS
from analytics.services import Services
from analytics.settings import Settings
from tests.integration.snapshots import SmallCity, build, serve, small_city, small_reader  # noqa: F401 - fixtures

PARSE = Selection.parse


class Recorder(CrossFilter):
    """Remembers which views were requested; each answer is its own."""

    def __init__(self, rows: int = 1) -> None:
        super().__init__(DayClock())
        self.asked: list[list[str]] = []
        self.rows = rows

    def _counts(
        self, scope: Scope, selection: Selection, views: Sequence[View]
    ) -> dict[str, pl.DataFrame]:
        self.asked.append([view.name for view in views])
        number = len(self.asked)
        return {view.name: pl.DataFrame({"incidents": [number] * self.rows}) for view in views}


def ask(crossfilter: CrossFilter, text: str, *names: str, scope: Scope = EVERYTHING) -> None:
    crossfilter.counts(scope, PARSE(text), [view(name) for name in names])


def test_a_view_whose_own_clause_changed_is_not_counted_again() -> None:
    inner = Recorder()
    cached = CachedCrossFilter(inner, ResultCache(1), "s1")
    ask(cached, "type=THEFT&hour=1", "type", "hour", "day")
    ask(cached, "type=ROBBERY&hour=1", "type", "hour", "day")
    ask(cached, "hour=1&type=ROBBERY", "type", "hour", "day")
    assert inner.asked == [["type", "hour", "day"], ["hour", "day"]]


def test_the_cache_tells_scopes_apart() -> None:
    inner = Recorder()
    cached = CachedCrossFilter(inner, ResultCache(1), "s1")
    ask(cached, "type=THEFT", "day")
    ask(cached, "type=THEFT", "day", scope=Scope(PARSE("district=011")))
    ask(cached, "type=THEFT&district=011", "day")
    assert len(inner.asked) == 3


def test_the_cache_tells_snapshots_apart() -> None:
    inner, shared = Recorder(), ResultCache(1)
    for snapshot in ("s1", "s2", "s1"):
        ask(CachedCrossFilter(inner, shared, snapshot), "", "day")
    assert len(inner.asked) == 2


def test_the_cache_stays_within_its_bytes_and_drops_the_least_used() -> None:
    inner = Recorder(rows=25_000)  # 200 kB each
    shared = ResultCache(1)
    cached = CachedCrossFilter(inner, shared, "s1")
    for hour in range(8):
        ask(cached, f"hour={hour}", "day")
        ask(cached, "hour=0", "day")
        assert shared.size <= 1_000_000
    assert len(shared) == 4
    assert sum(asked == ["day"] for asked in inner.asked) == 8


def test_a_frame_larger_than_the_cache_is_answered_but_not_kept() -> None:
    shared = ResultCache(1)
    ask(CachedCrossFilter(Recorder(rows=200_000), shared, "s1"), "", "day")
    assert len(shared) == 0


def test_an_answer_of_a_snapshot_that_is_forgotten_meanwhile_is_not_kept() -> None:
    inner, shared = Recorder(), ResultCache(1)
    cached = CachedCrossFilter(inner, shared, "s1")
    counts = inner._counts

    def forgotten_meanwhile(*question: Any) -> dict[str, pl.DataFrame]:
        shared.forget("s1")
        return counts(*question)

    inner._counts = forgotten_meanwhile  # type: ignore[method-assign]
    ask(cached, "", "day")
    assert len(shared) == shared.size == 0
    inner._counts = counts  # type: ignore[method-assign]
    ask(cached, "", "day")
    ask(cached, "", "day")
    assert len(inner.asked) == 2


def test_changing_an_answer_does_not_change_the_cached_one() -> None:
    cached = CachedCrossFilter(Recorder(), ResultCache(1), "s1")
    frame = cached.counts(EVERYTHING, EMPTY, [view("day")])["day"]
    frame.insert_column(0, pl.Series("mine", [1]))
    assert cached.counts(EVERYTHING, EMPTY, [view("day")])["day"].columns == ["incidents"]


def test_threads_share_one_reader(small_city: SmallCity, small_reader: SnapshotReader) -> None:  # noqa: F811
    crossfilter = CachedCrossFilter(SqlCrossFilter(small_reader), ResultCache(1), "s1")
    wrong: list[int] = []

    def run(offset: int) -> None:
        for hour in range(24):
            chosen = PARSE(f"hour={(hour + offset) % 24}")
            found = crossfilter.counts(EVERYTHING, chosen, [view("total")])["total"]
            expected = sum(row["hour"] == (hour + offset) % 24 for row in small_city.rows)
            if found["incidents"].sum() != expected:
                wrong.append(hour)

    threads = [threading.Thread(target=run, args=(offset,)) for offset in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_dimensions_and_views_the_data_does_not_have_are_refused(
    small_reader: SnapshotReader,  # noqa: F811
) -> None:
    crossfilter = SqlCrossFilter(small_reader)
    for text, name, said in (
        ("nosuch=1", "total", "nosuch"),
        ("", "nosuch", "no such attribute"),
        ("premise=1..5", "total", "has text values"),
        ("age=old", "total", "is not a valid number"),
    ):
        with pytest.raises(InputError, match=said):
            crossfilter.counts(EVERYTHING, PARSE(text), [view(name)])


def test_of_more_places_than_the_cap_both_engines_draw_the_same_sample(
    small_reader: SnapshotReader,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    points, places = view("points:-88,41,-87,42"), view("places:-88,41,-87,42")
    files = CodeFiles(small_reader.snapshot)
    scan = ScanCrossFilter(small_reader, files, compiled.load(), threads=1)
    whole = scan.counts(EVERYTHING, EMPTY, [points])[points.name]
    monkeypatch.setattr(point_sample, "POINT_CAP", 10)
    drawn = draw_order(whole["point_id"].to_numpy()).argsort()[:10]
    expected = whole[drawn].sort("lat", "lon", "point_id").rows()
    for crossfilter in (SqlCrossFilter(small_reader), scan):
        counted = crossfilter.counts(EVERYTHING, EMPTY, [points, places])
        assert counted[points.name].rows() == expected
        assert counted[places.name]["places"].to_list() == [whole.height]
        assert counted[places.name]["incidents"].sum() == whole["incidents"].sum()


def test_a_polygon_that_crosses_itself_leaves_out_what_it_encloses_twice() -> None:
    # A pentagram around the origin: its five points are inside, its middle is not.
    pentagon = pl.DataFrame({"turn": range(5)}).select(
        x=(pl.col("turn") * 4 * 3.141592653589793 / 5).sin() * 10,
        y=(pl.col("turn") * 4 * 3.141592653589793 / 5).cos() * 10,
    )
    east, north = pentagon["x"].to_numpy(), pentagon["y"].to_numpy()
    points = pl.DataFrame({"x": [0.0, 0.0, 0.0, 20.0], "y": [0.0, 8.0, -8.0, 0.0]})
    found = in_rings(points["x"].to_numpy(), points["y"].to_numpy(), [(east, north)])
    assert found.tolist() == [False, True, False, False]


def test_a_polygon_where_the_projection_ends_holds_nothing(
    small_reader: SnapshotReader,  # noqa: F811
) -> None:
    far = Polygon(((90.0, 179.0), (89.0, -1.0), (-90.0, 93.0)))
    chosen = EMPTY.replace("polygon", far)
    total = SqlCrossFilter(small_reader).counts(EVERYTHING, chosen, [view("total")])["total"]
    assert total["incidents"].sum() == 0


@pytest.fixture(scope="module")
def vocabulary(small_reader: SnapshotReader) -> Vocabulary:  # noqa: F811
    return Vocabulary.of(small_reader)


def test_the_vocabulary_lists_values_by_how_often_they_occur(
    vocabulary: Vocabulary,
    small_city: SmallCity,  # noqa: F811
) -> None:
    types = [row["type"] for row in small_city.rows if row["type"]]
    by_count = sorted(set(types), key=lambda value: (-types.count(value), value))
    assert list(vocabulary.values("type")) == by_count
    assert [word.incidents for word in vocabulary.words["type"]] == [
        types.count(value) for value in by_count
    ]
    assert {"violent", "part_i:all", "nibrs:Group A"} <= set(vocabulary.values("group"))
    assert set(vocabulary.values("premise")) == {"shop", "5..10", "home, own"}
    assert vocabulary.values("age") == ()


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("district=11", "district=011"),
        ("district=0011, 2", "district=002,011"),
        ("type=robbery", "type=ROBBERY"),
        ("type=+Theft++", "type=THEFT"),
        ("group=PART_I:All", "group=part_i:all"),
        ("type=UNKNOWN", "type=unknown"),
        ("premise=Home%2C+own", "premise=home%2C+own"),
        ("hour=1&age=3..4", "hour=01&age=3..4"),
    ],
)
def test_values_are_found_however_they_are_written(
    vocabulary: Vocabulary, given: str, meant: str
) -> None:
    assert vocabulary.resolve(PARSE(given)) == (PARSE(meant), [])


def test_an_unknown_value_is_kept_and_told_the_nearest(vocabulary: Vocabulary) -> None:
    resolved, messages = vocabulary.resolve(PARSE("type=ROBERY,THEFT&ward=77"))
    assert resolved == PARSE("type=ROBERY,THEFT&ward=77")
    assert len(messages) == 2
    assert 'did you mean "ROBBERY"?' in messages[0]
    assert '"77"' in messages[1]


def test_of_many_unknown_values_few_are_compared_and_the_others_counted(
    vocabulary: Vocabulary,
) -> None:
    many = ",".join(f"X{number}" for number in range(1_000))
    resolved, messages = vocabulary.resolve(PARSE(f"type={many}"))
    assert resolved == PARSE(f"type={many}")
    assert len(messages) == MOST_HINTS + 1
    assert f"{1_000 - MOST_HINTS} more" in messages[-1]


def test_areas_are_labeled_with_the_names_of_their_outlines(
    tmp_path: Path,
) -> None:
    city = build(tmp_path / "city", seed=5)
    (city.snapshot.path / "outlines").mkdir()
    feature = {"type": "Feature", "properties": {"id": "3", "name": "LAKE VIEW"}, "geometry": None}
    (city.snapshot.path / "outlines" / "area.geojson").write_text(
        json.dumps({"type": "FeatureCollection", "features": [feature]}), encoding="utf-8"
    )
    found = Vocabulary.of(SnapshotReader(city.snapshot, Settings()))
    assert found.label("area", "3") == "Lake View (3)"
    assert found.label("area", "4") == "4"
    assert found.label("type", "THEFT") == "Theft"
    assert found.label("group", "part_i:all") == "All (part i)"
    assert found.label("district", "unknown") == "Unknown"


def test_pages_follow_each_other_without_gap_or_overlap(
    small_city: SmallCity,  # noqa: F811
    small_reader: SnapshotReader,  # noqa: F811
) -> None:
    chosen = PARSE("arrest=no")
    ids: list[str] = []
    for offset in range(0, 400, 37):
        rows = page(
            small_reader, EVERYTHING, chosen, sort="type", descending=False, offset=offset, limit=37
        )
        ids += rows["id"].to_list()
    expected = {row["id"] for row in small_city.rows if row["arrest"] is False}
    assert len(ids) == len(expected)
    assert set(ids) == expected


@pytest.mark.parametrize("descending", [True, False])
def test_a_page_is_sorted_with_unknown_values_last(
    small_reader: SnapshotReader,  # noqa: F811
    descending: bool,
) -> None:
    rows = page(small_reader, EVERYTHING, EMPTY, sort="attr_age", descending=descending, limit=1000)
    known = rows["attr_age"].drop_nulls()
    assert rows["attr_age"][: known.len()].null_count() == 0
    assert known.is_sorted(descending=descending)


@pytest.mark.parametrize("descending", [True, False])
@pytest.mark.parametrize("text", ["", "type=THEFT", "date=2017-02-01..2017-03-31&arrest=no"])
def test_days_that_hold_a_page_give_the_same_page(
    small_reader: SnapshotReader,  # noqa: F811
    text: str,
    descending: bool,
) -> None:
    chosen = PARSE(text)
    days = SqlCrossFilter(small_reader).counts(Scope(chosen), EMPTY, [view("day")])["day"]
    narrowed = 0
    for offset in range(0, 430, 37):
        asked: dict[str, Any] = {"descending": descending, "offset": offset, "limit": 37}
        within = PageDays.of(days, **asked)
        narrowed += within is not None
        whole = page(small_reader, EVERYTHING, chosen, **asked)
        assert page(small_reader, EVERYTHING, chosen, **asked, days=within).equals(whole)
    assert narrowed >= days["incidents"].sum() // 37 - 1


def test_a_page_honours_the_scope(small_reader: SnapshotReader) -> None:  # noqa: F811
    scope = Scope(PARSE("district=011"))
    rows = page(small_reader, scope, PARSE("district=001,011"), columns=["district"], limit=1000)
    assert rows.columns == ["district"]
    assert set(rows["district"]) == {"011"}


def test_a_column_that_is_none_and_a_page_without_end_are_refused(
    small_reader: SnapshotReader,  # noqa: F811
) -> None:
    for wrong in ({"sort": 'id"; DROP'}, {"columns": ["x"]}, {"limit": 5_000}, {"offset": -1}):
        with pytest.raises(InputError):
            page(small_reader, EVERYTHING, EMPTY, **wrong)  # type: ignore[arg-type]
    with pytest.raises(InputError):
        batches(small_reader, EVERYTHING, EMPTY, columns=["x"])


def test_batches_stream_every_incident_in_order(
    small_city: SmallCity,  # noqa: F811
    small_reader: SnapshotReader,  # noqa: F811
) -> None:
    frames = list(batches(small_reader, EVERYTHING, EMPTY, size=50))
    together = pl.concat(frames)
    assert together["id"].to_list() == [row["id"] for row in small_city.rows]
    assert together.columns == list(columns_of(small_city.snapshot.manifest))


def test_other_questions_may_be_asked_between_two_batches(
    small_reader: SnapshotReader,  # noqa: F811
) -> None:
    stream = batches(small_reader, EVERYTHING, PARSE("type=THEFT"), columns=["id"], size=10)
    rows = 0
    for frame in stream:
        page(small_reader, EVERYTHING, EMPTY, limit=1)
        rows += frame.height
    total = SqlCrossFilter(small_reader).counts(EVERYTHING, PARSE("type=THEFT"), [view("total")])[
        "total"
    ]
    assert rows == total["incidents"].sum()


def test_services_pin_the_current_snapshot_and_see_the_next(tmp_path: Path) -> None:
    first = build(tmp_path / "snapshots" / "small-1-400", seed=1)
    services = Services(serve(first, tmp_path))
    pinned = services.pin()
    assert pinned is not None
    assert services.pin() is pinned
    second = build(tmp_path / "snapshots" / "small-2-50", seed=2, incidents=50)
    serve(second, tmp_path)
    newer = services.pin()
    assert newer is not None
    assert newer.id == "small-2-50"
    for held, incidents in ((pinned, 400), (newer, 50)):
        total = held.crossfilter.counts(EVERYTHING, EMPTY, [view("total")])["total"]
        assert total["incidents"].sum() == incidents
        assert held.attributes == ("premise", "age", "note")
        assert held.vocabulary is held.vocabulary


def test_an_older_snapshot_closes_with_the_last_request_that_holds_it(tmp_path: Path) -> None:
    services = Services(serve(build(tmp_path / "snapshots" / "small-1-9", 1, 9), tmp_path))
    held = services.pin()
    assert held is not None
    held.crossfilter.counts(EVERYTHING, PARSE("near=41.88,-87.63,500"), [view("total")])
    reader = weakref.ref(held.reader)
    serve(build(tmp_path / "snapshots" / "small-2-9", 2, 9), tmp_path)
    services.pin()
    gc.collect()
    assert reader() is not None
    del held
    gc.collect()
    assert reader() is None


def test_an_empty_warehouse_pins_nothing(tmp_path: Path) -> None:
    services = Services(Settings(home=tmp_path))
    assert services.pin() is None


def test_values_are_never_part_of_the_statement(
    small_reader: SnapshotReader,  # noqa: F811
) -> None:
    for value in ("' OR 1=1 --", '"; DROP TABLE incidents; --', "$chosen_type_0"):
        chosen = EMPTY.toggle("type", [value]).toggle("note", [value])
        total = SqlCrossFilter(small_reader).counts(EVERYTHING, chosen, [view("total")])["total"]
        assert total["incidents"].sum() == 0
