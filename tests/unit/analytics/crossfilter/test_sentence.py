"""The selection in English."""

from __future__ import annotations

from dataclasses import replace

import pytest

from analytics import formats
from analytics.crossfilter.selection import Selection
from analytics.crossfilter.sentence import Chip, chips, sentence
from analytics.incidents.manifest import Attribute, Manifest, SourceInfo
from analytics.patterns.names import attribute_of

MANIFEST = Manifest(
    "1",
    "2018",
    1,
    "0",
    SourceInfo("s", "S", "America/Chicago", "incident"),
    9,
    "2014-01-01",
    "2018-11-12",
    None,
    "EPSG:32616",
    attributes=(Attribute("age", "Age of victim", "number"),),
)
NAMES = {
    "area": {"25": "Austin"},
    "district": {"011": "011"},
    "zone": {"kmeans@7:3": "Madison and Pulaski"},
}
ALL = "Jan 1, 2014 to Nov 12, 2018"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", f"All incidents, {ALL}"),
        (
            "type=ROBBERY,THEFT&hour=18-23&weekday=5,6&date=2017-01-01..2017-12-31&district=011",
            "Robberies and thefts in district 011, Fridays and Saturdays 6 PM–midnight, "
            "Jan 1 to Dec 31, 2017",
        ),
        ("type=MOTOR+VEHICLE+THEFT", f"Motor vehicle thefts, {ALL}"),
        ("type=NARCOTICS,THEFT", f"Incidents of type Narcotics or Theft, {ALL}"),
        ("group=violent", f"Violent incidents, {ALL}"),
        ("type=THEFT&group=part_i:larceny", f"Thefts in group larceny (part i), {ALL}"),
        ("hour=22-02", f"Incidents, 10 PM–3 AM, {ALL}"),
        ("near=41.88,-87.63,1", f"Incidents at 41.88, -87.63, {ALL}"),
        ("hour=22-02&weekday=5", f"Incidents, Friday nights 10 PM–3 AM, {ALL}"),
        ("hour=0-2,22-23&weekday=5,6", f"Incidents, Friday and Saturday nights 10 PM–3 AM, {ALL}"),
        (
            "hour=22-02,06-07&weekday=7",
            f"Incidents, Sundays 6–8 AM and Sunday nights 10 PM–3 AM, {ALL}",
        ),
        ("hour=20-22&weekday=1", f"Incidents, Mondays 8–11 PM, {ALL}"),
        ("weekday=1,2,3,4,5,6,7", f"Incidents, every day, {ALL}"),
        ("weekday=1,2,3,4,5,6,7&hour=23-00", f"Incidents, every night 11 PM–1 AM, {ALL}"),
        (
            "hour_weekday=5-22,5-23,5-00",
            f"Incidents, Fridays midnight–1 AM and 10 PM–midnight, {ALL}",
        ),
        ("hour=3,unknown", f"Incidents, 3–4 AM and unknown hour, {ALL}"),
        ("weekday=6,7", f"Incidents, weekends, {ALL}"),
        ("weekday=1,2,3,4,5", f"Incidents, Monday to Friday, {ALL}"),
        (
            "hour_weekday=5-22,5-23,6-22,6-23",
            f"Incidents, Fridays and Saturdays 10 PM–midnight, {ALL}",
        ),
        ("shift=Night", f"Incidents, night shift, {ALL}"),
        ("shift=Night&weekday=5", f"Incidents, night shift of Fridays, {ALL}"),
        ("shift=Night&weekday=5&hour=1", f"Incidents, 1–2 AM, night shift of Fridays, {ALL}"),
        (
            "hour=0-11,13-23&weekday=5",
            f"Incidents, Fridays midnight–noon and 1 PM–midnight, {ALL}",
        ),
        ("hour=0-11,13-23", f"Incidents, 1 PM–noon, {ALL}"),
        ("date=2017-03-03", "Incidents, Mar 3, 2017"),
        ("date=2017-03", "Incidents, Mar 2017"),
        ("date=2016-12-30..2017-01-02", "Incidents, Dec 30, 2016 to Jan 2, 2017"),
        ("date=last28d", "Incidents, last 28 days (Oct 16 to Nov 12, 2018)"),
        ("date=complete1d", "Incidents, last complete day (Nov 12, 2018)"),
        ("date=complete28d", "Incidents, last 28 complete days (Oct 16 to Nov 12, 2018)"),
        ("date=lastfy:07-01", "Incidents, last fiscal year (Jul 1, 2017 to Jun 30, 2018)"),
        ("date=ytd", "Incidents, year to date (Jan 1 to Nov 12, 2018)"),
        ("date=2017-01-01..", "Incidents, from Jan 1, 2017"),
        ("date=..2017-01-01", "Incidents, until Jan 1, 2017"),
        ("area=25,unknown", f"Incidents in community area Austin (25) or unknown, {ALL}"),
        ("near=41.88,-87.63,1500", f"Incidents within 0.9 mi of 41.88, -87.63, {ALL}"),
        (
            "polygon=41.88,-87.65;41.89,-87.63;41.87,-87.62&default_address=no",
            f"Incidents in a drawn area, not at default addresses, {ALL}",
        ),
        ("cell=250:1_1,250:1_2", f"Incidents in 2 map cells, {ALL}"),
        ("cell=unknown", f"Incidents at an unknown place, {ALL}"),
        ("zone=kmeans@7:12", f"Incidents in zone 12 (kmeans version 7), {ALL}"),
        ("zone=kmeans@7:2,kmeans@7:10", f"Incidents in zone 2 or 10 (kmeans version 7), {ALL}"),
        ("zone=kmeans@7:3", f'Incidents in zone "Madison and Pulaski", {ALL}'),
        (
            "zone=kmeans@7:12,kmeans@7:3,dbscan@2:none,unknown",
            'Incidents in no zone (dbscan version 2), zone "Madison and Pulaski", '
            f"zone 12 (kmeans version 7) or at an unknown place, {ALL}",
        ),
        ("zone=unknown", f"Incidents at an unknown place, {ALL}"),
        ("arrest=yes&domestic=no", f"Incidents, with an arrest, not domestic, {ALL}"),
        ("age=18..25", f"Incidents, with age of victim 18 to 25, {ALL}"),
        ("age=65..", f"Incidents, with age of victim 65 or more, {ALL}"),
        ("location_type=STREET,ALLEY", f"Incidents, with location type Alley or Street, {ALL}"),
        ("beat=1,2,3,4,5,6,7", f"Incidents in beat 1, 2, 3, 4 or 3 more, {ALL}"),
    ],
)
def test_a_selection_is_said_as_a_person_would(text: str, said: str) -> None:

    assert sentence(Selection.parse(text), MANIFEST, NAMES) == said


def test_an_empty_snapshot_has_no_dates_to_say() -> None:
    empty = Manifest("1", "2018", 1, "0", MANIFEST.source, 0, None, None, None, "EPSG:32616")
    assert sentence(Selection.parse("type=THEFT&date=last7d"), empty) == "Thefts"


def test_a_name_that_tells_its_level_is_not_told_it_again() -> None:
    names = {"district": {"001": "District 1"}}
    selection = Selection.parse("district=001")
    assert sentence(selection, MANIFEST, names).startswith("Incidents in District 1,")
    assert [chip.label for chip in chips(selection, names)] == ["District 1"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("zone=kmeans@7:12", "Zone 12 (kmeans version 7)"),
        ("zone=kmeans@7:3", 'Zone "Madison and Pulaski"'),
        ("zone=kmeans@7:none", "No zone (kmeans version 7)"),
    ],
)
def test_a_zone_is_a_chip_with_its_name_or_number(text: str, said: str) -> None:
    assert chips(Selection.parse(text), NAMES) == [Chip("zone", said)]


def test_each_clause_is_a_chip_in_the_order_of_the_text() -> None:
    chosen = Selection.parse(
        "hour=22-02&type=A,B,C,D,E&area=25&date=last7d&near=41.88,-87.63,500&arrest=no&age=..17"
    )
    assert chips(chosen, NAMES, {"age": "Age of victim"}) == [
        Chip("type", "A, B and 3 more"),
        Chip("hour", "10 PM–3 AM"),
        Chip("date", "Last 7 days"),
        Chip("area", "Community area: Austin (25)"),
        Chip("near", "1,640 ft around 41.88, -87.63"),
        Chip("arrest", "Arrest: no"),
        Chip("age", "Age of victim: up to 17"),
    ]


def test_cells_of_a_map_of_incidents_are_counted_not_listed() -> None:
    umap = attribute_of("patterns_umap", 3)
    manifest = replace(MANIFEST, attributes=(umap,))
    for text, said in (("7", "a cell"), ("7,8,71", "3 cells")):
        selection = Selection.parse(f"umap_3={text}", [umap.name])
        assert sentence(selection, manifest) == (
            f"Incidents, in {said} of the UMAP embedding (version 3), {ALL}"
        )
        (chip,) = chips(selection, labels={umap.name: umap.label})
        assert chip.label.lower() == f"{said} of the umap embedding (version 3)"


def test_the_chip_of_a_night_names_its_evening() -> None:
    labels = [chip.label for chip in chips(Selection.parse("hour=22-02&weekday=5"))]
    assert labels == ["10 PM–3 AM", "Friday nights"]
    for hours in ("20-22", "13-11"):
        assert chips(Selection.parse(f"hour={hours}&weekday=5"))[1].label == "Fridays"


@pytest.mark.usefixtures("american")
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("weekday=1,7", "Sundays and Mondays"),
        ("weekday=1,2,7", "Sunday to Tuesday"),
        ("weekday=5,6,7", "Friday to Sunday"),
        ("weekday=6,7", "weekends"),
        ("weekday=1,2,3,4,5", "Monday to Friday"),
        ("hour_weekday=1-8,7-9", "Sundays 9–10 AM; Mondays 8–9 AM"),
    ],
)
def test_weekdays_are_listed_from_the_first_of_the_week(text: str, said: str) -> None:
    formats.use("", "", "America/Chicago", "sunday")
    assert sentence(Selection.parse(text), MANIFEST, NAMES) == f"Incidents, {said}, {ALL}"
