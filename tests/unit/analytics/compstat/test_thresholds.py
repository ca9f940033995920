"""Colors of CompStat: of verdicts, and by an agency's percentages."""

from __future__ import annotations

from pathlib import Path

import pytest

from analytics.compstat.table import CompStatCell
from analytics.compstat.thresholds import COLUMNS, Shade, read_percent_colors, shade_of
from analytics.errors import InputError
from analytics.overview.changes import CountVerdict
from analytics.statistics.tiers import Tier


def cell(
    count: int, last_year: int, expected: float | None = None, tier: Tier = Tier.AS_EXPECTED
) -> CompStatCell:
    verdict = CountVerdict(count, expected, None, None, None, None, tier)
    return CompStatCell(verdict, None, last_year, ())


def table(folder: Path, *lines: str) -> Path:
    path = folder / "compstat.csv"
    path.write_text("\n".join([",".join(COLUMNS), *lines]) + "\n")
    return path


@pytest.mark.parametrize(
    ("tier", "count", "shade"),
    [
        (Tier.CLEAR, 140, Shade.STRONG_RISE),
        (Tier.WATCH, 120, Shade.RISE),
        (Tier.AS_EXPECTED, 110, Shade.NONE),
        (Tier.NOT_TESTED, 200, Shade.NONE),
        (Tier.WATCH, 80, Shade.FALL),
        (Tier.CLEAR, 60, Shade.STRONG_FALL),
    ],
)
def test_without_percentages_colors_are_those_of_the_verdicts(
    tmp_path: Path, tier: Tier, count: int, shade: Shade
) -> None:
    colors = read_percent_colors(table(tmp_path))
    assert colors is None
    assert shade_of(cell(count, 100, 100.0, tier), colors) is shade


@pytest.mark.parametrize(
    ("count", "shade"),
    [
        (125, Shade.STRONG_RISE),
        (124, Shade.RISE),
        (110, Shade.RISE),
        (109, Shade.NONE),
        (91, Shade.NONE),
        (90, Shade.FALL),
        (70, Shade.FALL),
        (69, Shade.STRONG_FALL),
    ],
)
def test_percentages_color_whatever_the_verdict(tmp_path: Path, count: int, shade: Shade) -> None:
    colors = read_percent_colors(table(tmp_path, "last_year,10,25%,10,31"))
    assert shade_of(cell(count, 100, 100.0, Tier.CLEAR), colors) is shade


def test_a_change_from_fewer_than_ten_has_no_color_by_percent(tmp_path: Path) -> None:
    colors = read_percent_colors(table(tmp_path, "last_year,10,,,"))
    assert shade_of(cell(30, 9), colors) is Shade.NONE
    assert shade_of(cell(30, 10), colors) is Shade.RISE


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (["last_week,10,,,"], "line 2, column compared_with"),
        (["before,0,,,"], "line 2, column rise"),
        (["before,,-5,,"], "line 2, column strong_rise"),
        (["before,,,,1e9"], "line 2, column strong_fall"),
        (["before,10,,,", "last_year,10,,,"], "line 3, column compared_with"),
    ],
)
def test_a_table_that_is_not_valid_is_refused(
    tmp_path: Path, lines: list[str], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        read_percent_colors(table(tmp_path, *lines))
