"""The page's frame: what is there, what is named, and what a missing column switches off."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from analytics.alerts.load_rhythm import Overdue
from analytics.incidents.manifest import Attribute, Lack, Manifest, Outline, SourceInfo
from analytics.settings import Settings
from analytics.statistics.two_periods import Comparison, Incomparable, NotComparable, Significance
from callbacks.frame import pages
from components.explore.ids import ExploreIds
from components.explore.incident_table import FURTHER, page_range, table_columns
from components.explore.layout import explore
from components.explore.map import map_legend
from components.frame.headline import HeadlineNumbers, PeriodComparison, figures, headline
from components.frame.ids import SelectionIds, ShellIds
from components.frame.lacking import SENTENCES, lacking_words
from components.frame.map import class_colors
from components.frame.selection_bar import chips_row, presets_row
from components.frame.shell import PAGES, badges, banners, shell
from components.frame.states import Removal, empty_warehouse, no_matches
from components.frame.theme import TOKENS
from tests import ROOT

ICONS = ROOT / "assets" / "icons"
MANIFEST = Manifest(
    id="20260101T000000Z",
    created="2026-01-01T00:00:00Z",
    schema_version=1,
    code_version="0.1.0",
    source=SourceInfo("demo", "Demo city", "UTC", "incident", synthetic=True),
    incidents=100,
    first="2023-01-01",
    last="2023-12-31",
    provisional_from="2023-12-20",
    crs_local="EPSG:32616",
    attributes=(Attribute("weapon", "Weapon", "category"),),
    outlines={"district": Outline("district", "derived", 22)},
)


@dataclass(frozen=True)
class Chip:
    dimension: str
    label: str


def walk(component: Any) -> Iterator[Any]:
    """A component and all below it."""
    yield component
    children = getattr(component, "children", None)
    for child in children if isinstance(children, list | tuple) else [children]:
        if hasattr(child, "to_plotly_json"):
            yield from walk(child)


def ids(component: Any) -> list[str]:
    return [str(part.id) for part in walk(component) if getattr(part, "id", None)]


def page(manifest: Manifest = MANIFEST) -> Any:
    return shell(manifest, [explore(manifest, Settings(), period_start=date(2018, 1, 1))])


@pytest.mark.parametrize("enum", [ShellIds, SelectionIds, ExploreIds])
def test_every_named_element_is_on_the_page(enum: Any) -> None:
    assert {str(name) for name in enum} - set(ids(page())) == set()


def test_no_id_is_used_twice() -> None:
    found = ids(page())
    assert sorted(found) == sorted(set(found))


def test_rail_names_only_pages_that_exist() -> None:
    assert [entry.path for entry in PAGES] == [wired.page.path for wired in pages.PAGES]


def test_pages_have_icons_and_addresses_of_their_own() -> None:
    assert len({entry.path for entry in PAGES}) == len(PAGES)
    for entry in PAGES:
        assert (ICONS / f"{entry.key}.svg").exists(), entry.key


def test_every_button_says_what_it_does() -> None:
    for part in walk(page()):
        if part.__class__.__name__ == "Button":
            named = getattr(part, "aria-label", None) or part.children
            assert named
            assert part.type == "button"


def test_a_missing_column_leaves_a_sentence_and_keeps_the_figure_in_place() -> None:
    why = "This source gives months only."
    whole = page(replace(MANIFEST, views_off={"hour": why}))
    sentences = [p.children for p in walk(whole) if getattr(p, "className", "") == "card-off"]
    assert sentences == [why]
    assert str(ExploreIds.HOURS) in ids(whole)


def test_a_lacking_dimension_is_named_and_a_source_may_use_its_own_sentence() -> None:
    manifest = replace(
        MANIFEST, views_off={"cell": Lack.NO_VALUES, "hour": "month only", "x": "Y."}
    )
    assert lacking_words(manifest, "cell") == "This source has no coordinates."
    assert lacking_words(manifest, "hour").startswith("This source gives the month only")
    assert (lacking_words(manifest, "x"), lacking_words(manifest, "beat")) == ("Y.", "")
    assert {Lack.NO_VALUES, *SENTENCES} == set(Lack)


def test_synthetic_and_provisional_data_say_so() -> None:
    assert [badge.children for badge in badges(MANIFEST)] == ["Synthetic", "Provisional"]
    plain = replace(
        MANIFEST, source=replace(MANIFEST.source, synthetic=False), provisional_from=None
    )
    assert badges(plain) == []


def test_empty_warehouse_says_how_to_load_data() -> None:
    whole = empty_warehouse()
    words = " ".join(str(part.children) for part in walk(whole) if hasattr(part, "children"))
    assert "patroliq ingest" in words
    assert "patroliq demo" in words
    assert "patroliq doctor" in words


def test_empty_result_says_why_and_offers_to_take_each_clause_away() -> None:
    notice = no_matches(
        [
            Removal("domestic", "not domestic", without=1_204, alone=9),
            Removal("date", "Jan 2031", without=1, alone=0),
        ]
    )
    why, *buttons = [part for part in notice.children if part is not None][1:]
    assert why.children == "The data has none of: Jan 2031."
    said = ["".join(getattr(one, "children", one) for one in button.children) for button in buttons]
    assert said[:2] == ["Remove not domestic (1,204 match)", "Remove Jan 2031 (1 matches)"]
    assert getattr(buttons[0], "data-dimension") == "domestic"
    assert [getattr(one, "data-action") for one in buttons] == ["remove", "remove", "reset"]


def test_a_single_filter_is_removed_without_further_words() -> None:
    notice = no_matches([Removal("type", "Arson", without=20, alone=0)])
    assert len([part for part in notice.children if part is not None]) == 2


def test_chips_can_be_removed_one_by_one() -> None:
    row = chips_row([Chip("type", "Theft"), Chip("hour", "6 PM–midnight")])
    assert [getattr(chip, "data-dimension") for chip in row] == ["type", "hour"]
    assert getattr(row[0], "aria-label") == "Remove Theft"


def test_presets_show_which_is_chosen() -> None:
    pressed = {
        getattr(button, "data-key"): getattr(button, "aria-pressed")
        for button in presets_row(frozenset({"last28d"}))
    }
    assert pressed == {"last7d": "false", "last28d": "true", "mtd": "false", "ytd": "false"}


# Headline

FEWER = Comparison(1200, 1600, -0.25, -7.7, 1.5, 20, Significance.SIGNIFICANT)
FACTS = HeadlineNumbers(
    incidents=1200,
    days=30,
    previous=PeriodComparison(FEWER, (date(2017, 5, 2), date(2017, 5, 31))),
    last_year=PeriodComparison(
        NotComparable(Incomparable.BASE_NOT_COVERED, (date(2017, 1, 1), date(2017, 6, 30))),
        (date(2016, 6, 2), date(2016, 7, 1)),
    ),
    arrests=300,
    harm_days=54321,
)


def test_headline_says_each_figure_in_words() -> None:
    values = {figure.label: (figure.value, figure.note) for figure in figures(FACTS)}
    assert values["Incidents"] == ("1,200", "")
    assert values["Per day"] == ("40.0", "over 30 days")
    assert values["vs. the period before"] == ("25.0% fewer", "significant")
    assert values["vs. a year earlier"] == ("–", "data starts Jan 1, 2017")
    assert values["Arrest share"] == ("25.0%", "300 arrests")
    assert values["Harm per 1,000 incidents"][0] == "45,268"
    assert len(headline(FACTS)) == 6


def test_headline_has_no_share_without_incidents() -> None:
    none = replace(FACTS, incidents=0, arrests=0, days=0)
    values = {figure.label: figure.value for figure in figures(none)}
    assert values["Per day"] == values["Arrest share"] == "–"


def test_harm_is_compared_with_that_of_all_incidents() -> None:
    known = replace(FACTS, harm_types=(("ROBBERY", 40_000),), harm_of_all=30.0, residents=2_000_000)
    harm = figures(known)[5]
    assert (harm.value, harm.note) == ("45,268", "74% of the harm is robbery")
    assert "54,321 days" in harm.detail
    assert "Per 1,000 residents: 27 days" in harm.detail
    assert "1.51 times that of all incidents" in harm.detail


def test_changes_without_a_period_say_which_days_they_are_of() -> None:
    latest = replace(FACTS, latest=(date(2017, 6, 1), date(2017, 6, 28)))
    before, year = figures(latest)[2:4]
    assert (before.label, year.label) == (
        "28 complete days vs. before",
        "28 complete days vs. 2016",
    )
    assert (before.value, before.note) == ("25.0% fewer", "to Jun 28, significant")
    assert "last 28 complete days, Jun 1 to 28, 2017" in before.detail


def test_headline_colors_only_a_change_that_is_unlikely_to_be_chance() -> None:
    usual = replace(
        FACTS, previous=PeriodComparison(replace(FEWER, verdict=Significance.NOT_SIGNIFICANT))
    )
    assert figures(FACTS)[2].direction == "less"
    assert figures(usual)[2].direction == ""


def test_headline_hover_holds_the_number_before_and_the_test() -> None:
    detail = figures(FACTS)[2].detail
    assert detail.startswith("1,600 incidents then. Compared with May 2, 2017 to May 31, 2017")
    assert "z = −7.7, dispersion 1.5 from 20" in detail


# Table and legend


def test_table_has_the_sources_columns_and_its_further_attributes() -> None:
    manifest = replace(MANIFEST, views_off={"beat": "none"}, unknown={"occurred_to": 100})
    fields = [column["field"] for column in table_columns(manifest)]
    assert "beat" not in fields
    assert "occurred_to" not in fields
    assert [field for field in fields if field not in FURTHER][-1] == "attr_weapon"


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ((0, 50, 12345), "1-50 of 12,345"),
        ((12300, 45, 12345), "12,301-12,345 of 12,345"),
        ((0, 0, 0), "0 of 0"),
    ],
)
def test_pager_says_where_it_is(place: tuple[int, int, int], words: str) -> None:
    assert page_range(*place) == words


def test_legend_has_a_swatch_and_bounds_for_each_class() -> None:
    title, classes = map_legend([1, 5, 10], "Incidents per 250 m cell", "light")
    assert title.children == "Incidents per 250 m cell"
    assert [item.children[1] for item in classes.children] == ["1-4", "5-9", "10 or more"]


def test_few_classes_still_span_the_whole_scale() -> None:
    assert class_colors(3, "dark")[0] == TOKENS["dark"]["seq-0"]
    assert class_colors(3, "dark")[-1] == TOKENS["dark"]["seq-5"]
    assert class_colors(0, "dark") == []


def test_a_feed_that_stopped_is_said_above_every_page() -> None:
    assert banners("") == []
    late = Overdue(datetime(2026, 3, 2, 6, tzinfo=UTC), timedelta(hours=36))
    (banner,) = banners("", late)
    assert banner.role == "alert"
    assert "2 days" in str(banner)
    assert len(banners("damaged", late)) == 2
    named = ("incidents portal", "calls inbox")
    (banner,) = banners("", failing=named)
    assert all(name in str(banner) for name in named)
