"""Rows by day of a small snapshot against its plain rows."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

from analytics.crossfilter.scope import EVERYTHING
from analytics.crossfilter.selection import Selection
from analytics.incidents.reader import SnapshotReader
from analytics.overview.daily_rows import EVERY, daily_rows
from tests.integration.snapshots import FIRST, SmallCity, small_city, small_reader  # noqa: F401 - fixtures

SPAN = FIRST, FIRST + timedelta(days=99)


def test_a_filter_on_places_counts_there_and_learns_the_season_citywide(
    small_city: SmallCity,  # noqa: F811
    small_reader: SnapshotReader,  # noqa: F811
) -> None:
    chosen = Selection.parse("district=011&type=THEFT,ROBBERY")
    found = daily_rows(small_reader, EVERYTHING, chosen, "district", SPAN)
    there: Counter[tuple[str, str, date]] = Counter()
    citywide: Counter[tuple[str, date]] = Counter()
    dated = [row for row in small_city.rows if row["operational_day"]]
    for row in dated:
        day = row["operational_day"]
        if row["type"] in ("THEFT", "ROBBERY") and SPAN[0] <= day <= SPAN[1]:
            citywide.update([(EVERY, day), (row["type"], day)])
            if row["district"] == "011":
                there[row["type"], "011", day] += 1
    days = [SPAN[0] + timedelta(days=at) for at in range(found.days)]
    assert found.kinds == [EVERY, "ROBBERY", "THEFT"]
    for number, kind in enumerate(found.kinds):
        assert found.citywide[number].tolist() == [citywide[kind, day] for day in days]
    for row, (kind, area) in enumerate(found.names):
        assert found.kinds[found.kind[row]] == kind
        if kind and area:
            assert found.counts[row].tolist() == [there[kind, area, day] for day in days]
    assert found.counts.sum() == 4 * there.total() > 0
