"""A selection: one value, one text."""

from __future__ import annotations

import re
from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from analytics.crossfilter.clauses import (
    MAX_KEYS,
    Hours,
    HourWeekdays,
    Near,
    Period,
    Polygon,
    Span,
    Weekdays,
    Words,
)
from analytics.crossfilter.dimensions import DIMENSIONS
from analytics.crossfilter.selection import EMPTY, Selection
from analytics.errors import InputError
from analytics.incidents.manifest import Manifest, SourceInfo
from tests import ROOT

GUIDE = ROOT / "docs" / "selection.md"


def manifest(first: str | None = "2014-01-01", last: str | None = "2018-11-12") -> Manifest:
    source = SourceInfo("s", "S", "America/Chicago", "incident")
    return Manifest("1", "2018", 1, "0", source, 9, first, last, None, "EPSG:32616")


@pytest.mark.parametrize(
    ("given_text", "canonical"),
    [
        ("", ""),
        ("?type=THEFT", "type=THEFT"),
        ("district=011&type=THEFT,ROBBERY", "type=ROBBERY,THEFT&district=011"),
        ("type=MOTOR%20VEHICLE+THEFT", "type=MOTOR+VEHICLE+THEFT"),
        ("type=A%2CB,C", "type=A%2CB,C"),
        ("type=A%26B%3D", "type=A%26B%3D"),
        ("hour=2,1,0,23,22", "hour=22-02"),
        ("hour=22-02,12", "hour=12,22-02"),
        ("hour=0-23", "hour=00-23"),
        ("hour=18%2D20,unknown", "hour=18-20,unknown"),
        ("weekday=7,1,unknown,1", "weekday=1,7,unknown"),
        ("hour_weekday=6-23,5-22,5-unknown", "hour_weekday=5-22,5-unknown,6-23"),
        ("date=2017-03-01..2017-03-31", "date=2017-03"),
        ("date=2017", "date=2017-01-01..2017-12-31"),
        ("date=2017-01-01..2017-12-31", "date=2017-01-01..2017-12-31"),
        ("date=2017-03-05..2017-03-05", "date=2017-03-05"),
        ("date=2017-01-01..", "date=2017-01-01.."),
        ("date=..2017-01-01", "date=..2017-01-01"),
        ("date=LAST028D", "date=last28d"),
        ("cell=500:1_-2,250:1790_18560", "cell=250:1790_18560,500:1_-2"),
        ("near=41.8800004,-87.63,500.2", "near=41.88,-87.63,500"),
        (
            "polygon=41.88,-87.65;41.89,-87.63;41.87,-87.62;41.88,-87.65",
            "polygon=41.87,-87.62;41.88,-87.65;41.89,-87.63",
        ),
        (
            "polygon=41.89,-87.63;41.88,-87.65;41.87,-87.62",
            "polygon=41.87,-87.62;41.88,-87.65;41.89,-87.63",
        ),
        ("ARREST=Yes,no", "arrest=no,yes"),
        ("premise=shop&age=18..25", "age=18..25&premise=shop"),
        ("age=-1.50..", "age=-1.5.."),
        ("premise=5%2E%2E10", "premise=5%2E%2E10"),
        ("zone=KMeans@07:12,dbscan@2:none", "zone=dbscan@2:none,kmeans@7:12"),
        ("zone=unknown,kmeans%407%3A12", "zone=kmeans@7:12,unknown"),
        ("zone=kmeans@10:1,kmeans@9:1", "zone=kmeans@9:1,kmeans@10:1"),
        ("zone=kmeans@7:North%2C+west%26", "zone=kmeans@7:North%2C+west%26"),
    ],
)
def test_each_selection_has_one_text(given_text: str, canonical: str) -> None:
    assert Selection.parse(given_text).text == canonical
    assert Selection.parse(canonical).text == canonical


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("type", "dimension=value"),
        ("type=", "leave it out"),
        ("type=A,,B", "a value is empty"),
        ("type=A&type=B", "given twice"),
        ("hour=24", "0 to 23"),
        ("hour=1-2-3", "0 to 23"),
        ("hour=٣", "0 to 23"),
        ("weekday=0", "Monday"),
        ("weekday=friday", "Monday"),
        ("hour_weekday=5", "weekday-hour"),
        ("hour_weekday=5-24", "hour (0 to 23)"),
        ("date=2017-02-30", "1900 to 2200"),
        ("date=2017-13", "1900 to 2200"),
        ("date=..", "last28d"),
        ("date=20170101", "last28d"),
        ("date=2018-01-01..2017-01-01", "ends before"),
        ("date=last0d", "last1d"),
        ("cell=250", "column_row"),
        ("cell=5:1_1", "10 to 50000"),
        ("polygon=41.88,-87.65;41.89,-87.63", "3 to 64"),
        ("polygon=41.88,-87.65;41.88,-87.65;41.88,-87.65", "3 to 64"),
        ("polygon=" + ";".join(f"41.{n:03d},-87.6" for n in range(65)), "3 to 64"),
        ("polygon=a,b;c,d;e,f", "number"),
        ("near=141.88,-87.63,500", "latitude is -90 to 90 and comes first"),
        ("near=41.88,-87.63,50001", "1 to 50000"),
        ("near=41.88,-87.63", "lat,lon,meters"),
        ("near=41.88,-87.63,nan", "number"),
        ("arrest=maybe", "yes, no, unknown"),
        ("heaped=unknown", "yes, no"),
        ("age=9..1", "ends before"),
        ("zone=12", "model@version:label"),
        ("zone=kmeans@7", "model@version:label"),
        ("zone=kmeans@x:12", "model@version:label"),
        ("zone=kmeans@7:+", "model@version:label"),
        ("zone=kmeans@7:1,", "a value is empty"),
        ("Not A Name=1", "Dimension not found"),
        ("sel=0123abcd", "stored selection"),
        ("type=" + ",".join(map(str, range(MAX_KEYS + 1))), f"at most {MAX_KEYS}"),
        ("type=" + "A" * 201, "is not a valid value"),
        ("type=A%00B", "is not a valid value"),
        ("type=" + "A" * 50_000, "at most 40,000"),
    ],
)
def test_nonsense_is_told_what_is_wrong(text: str, said: str) -> None:
    with pytest.raises(InputError, match=re.escape(said)):
        Selection.parse(text)


def test_a_misspelled_dimension_is_told_the_nearest_where_attributes_are_known() -> None:
    with pytest.raises(InputError, match="did you mean district"):
        Selection.parse("distrct=011", attributes=["premise"])
    assert Selection.parse("premise=shop", attributes=["premise"]).text == "premise=shop"


@given(st.text(max_size=80))
@example("hour=\ud800")
@example("type=\ud800")
@example("near=1e5,1,1")
def test_any_text_is_a_selection_or_gets_a_message(text: str) -> None:
    selection, message = read(text)
    assert message.isprintable()
    assert selection is None or Selection.parse(selection.text) == selection


@given(st.sampled_from(sorted(DIMENSIONS)), st.text("0123456789-_.,:;%+@lastdunkowy ", max_size=40))
def test_nearly_right_values_are_a_selection_or_get_a_message(name: str, value: str) -> None:
    selection, message = read(f"{name}={value}")
    assert selection is None or Selection.parse(selection.text) == selection
    assert selection is not None or name in message


def read(text: str) -> tuple[Selection | None, str]:
    try:
        return Selection.parse(text), ""
    except InputError as error:
        return None, str(error)


@given(st.lists(st.text(min_size=1, max_size=20).filter(str.strip), min_size=1, max_size=5))
def test_any_words_survive_the_text(values: list[str]) -> None:
    try:
        words = Words(tuple(values))
        selection = EMPTY.toggle("premise", values)
    except InputError:
        assert any(sign == "\0" or "\ud800" <= sign <= "\udfff" for sign in "".join(values))
        return
    assert selection.get("premise") == words
    assert Selection.parse(selection.text) == selection


def test_equal_selections_are_one_key() -> None:
    one = Selection.parse("type=A,B&hour=1,2")
    other = Selection.parse("hour=01-02&type=B,A")
    assert {one: 1}[other] == 1
    assert one.clauses["hour"] == Hours((1, 2))


def test_toggle_adds_and_removes() -> None:
    chosen = EMPTY.toggle("type", ["THEFT"]).toggle("type", ["ROBBERY"])
    assert chosen.text == "type=ROBBERY,THEFT"
    assert chosen.toggle("type", ["THEFT"]).text == "type=ROBBERY"
    assert chosen.toggle("type", ["THEFT", "ROBBERY"]) == EMPTY


def test_only_chooses_one_alone_and_again_clears_it() -> None:
    chosen = Selection.parse("type=ROBBERY,THEFT").toggle("type", ["THEFT"], "only")
    assert chosen.text == "type=THEFT"
    assert chosen.toggle("type", ["THEFT"], "only") == EMPTY


def test_only_on_the_same_several_keeps_them() -> None:
    chosen = Selection.parse("hour=1-3")
    assert chosen.toggle("hour", [1, 2, 3], "only") == chosen


def test_add_keeps_what_was_chosen() -> None:
    assert EMPTY.toggle("hour", [22, 23], "add").toggle("hour", [0], "add").text == "hour=22-00"


def test_no_keys_change_nothing() -> None:
    chosen = Selection.parse("type=A")
    assert chosen.toggle("type", []) is chosen


def test_unknown_is_toggled_as_null_or_word() -> None:
    assert EMPTY.toggle("hour", [None]).text == "hour=unknown"
    assert EMPTY.toggle("district", ["unknown"]).text == "district=unknown"
    assert EMPTY.toggle("hour_weekday", ["5-unknown"]).get("hour_weekday") == HourWeekdays(
        ((5, None),)
    )


def test_a_brush_over_days_makes_one_period() -> None:
    brushed = EMPTY.toggle("date", ["2017-03-05", "2017-03-09", "2017-03-07"], "only")
    assert brushed.text == "date=2017-03-05..2017-03-09"
    assert brushed.toggle("date", ["2017-03-05..2017-03-09"], "only") == brushed
    assert brushed.toggle("date", ["2017-05"], "add").text == "date=2017-03-05..2017-05-31"


def test_a_month_clicked_twice_is_cleared() -> None:
    assert EMPTY.toggle("date", ["2017-03"], "only").toggle("date", ["2017-03"], "only") == EMPTY


def test_one_place_replaces_the_other() -> None:
    near = EMPTY.toggle("near", ["41.88,-87.63,500"])
    assert near.toggle("near", ["41.9,-87.6,100"]).text == "near=41.9,-87.6,100"
    assert near.toggle("near", ["41.88,-87.63,500"]) == EMPTY


def test_without_and_replace_leave_the_rest() -> None:
    chosen = Selection.parse("type=A&hour=1&district=011")
    assert chosen.without({"hour", "date"}).text == "type=A&district=011"
    assert chosen.replace("hour", Weekdays((1,))).clauses["hour"] == Weekdays((1,))
    assert chosen.replace("hour", None).text == "type=A&district=011"


def test_a_selection_that_became_too_long_is_refused() -> None:
    long = [f"{number:03d}" + "x" * 190 for number in range(400)]
    with pytest.raises(InputError, match="choose fewer"):
        EMPTY.toggle("type", long)


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("", (date(2014, 1, 1), date(2018, 11, 12))),
        ("date=last28d", (date(2018, 10, 16), date(2018, 11, 12))),
        ("date=last1d", (date(2018, 11, 12), date(2018, 11, 12))),
        ("date=ytd", (date(2018, 1, 1), date(2018, 11, 12))),
        ("date=mtd", (date(2018, 11, 1), date(2018, 11, 12))),
        ("date=2016-02", (date(2016, 2, 1), date(2016, 2, 29))),
        ("date=2017-01-01..", (date(2017, 1, 1), date(2018, 11, 12))),
        ("date=..2017-01-01", (date(2014, 1, 1), date(2017, 1, 1))),
        ("date=2020-01-01..", (date(2020, 1, 1), date(2020, 1, 1))),
        ("date=..2010-01-01", (date(2010, 1, 1), date(2010, 1, 1))),
    ],
)
def test_dates_are_resolved_on_the_snapshot(text: str, days: tuple[date, date]) -> None:
    assert Selection.parse(text).period(manifest()) == days


def test_an_empty_snapshot_has_no_period() -> None:
    assert Selection.parse("date=last28d").period(manifest(None, None)) is None


def test_clauses_are_refused_when_they_hold_nothing() -> None:
    for make in (lambda: Words(()), Period, Span, lambda: Near(0, 0, 0)):
        with pytest.raises(InputError):
            make()


def test_a_polygon_is_the_same_from_any_corner_and_either_way_round() -> None:
    corners = [(41.88, -87.65), (41.89, -87.63), (41.87, -87.62), (41.86, -87.64)]
    texts = {
        Polygon(tuple(turned[start:] + turned[:start])).text
        for turned in (corners, corners[::-1])
        for start in range(4)
    }
    assert len(texts) == 1


def test_every_dimension_is_in_the_guide_with_an_example_that_reads() -> None:
    guide = GUIDE.read_text(encoding="utf-8")
    for name, dimension in DIMENSIONS.items():
        assert f"`{name}`" in guide
        assert dimension.example in guide
        assert list(Selection.parse(dimension.example).clauses) == [name]


def test_every_example_in_the_guide_reads() -> None:
    examples = re.findall(r"`([a-z_]+=[^`]+)`", GUIDE.read_text(encoding="utf-8"))
    assert len(examples) > len(DIMENSIONS)
    for text in examples:
        if not text.startswith("sel="):
            Selection.parse(text)


def test_a_radius_may_have_a_unit_and_is_kept_in_meters() -> None:
    for written in ("500", "500 m", "1640 ft", "0.5 km"):
        assert Selection.parse(f"near=41.88,-87.63,{written}").text == "near=41.88,-87.63,500"
    assert Selection.parse("near=41.88,-87.63,1mi").text == "near=41.88,-87.63,1609"
    assert Selection.parse("near=41.88,-87.63,0.5 Miles").text == "near=41.88,-87.63,805"
    assert Selection.parse("near=41.88,-87.63,1500 feet").text == "near=41.88,-87.63,457"
    for wrong in ("41.88m,-87.63,500", "41.88,-87.63,500 yards", "41.88,-87.63,m"):
        with pytest.raises(InputError):
            Selection.parse(f"near={wrong}")
