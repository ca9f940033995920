"""`patroliq evaluate effect` on a synthetic city: counts against SQL, and what it refuses."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from analytics.cli.evaluate import command as evaluate
from analytics.services import Pinned


def run(home: Path, *given: str) -> Result:
    return CliRunner(env={"PATROLIQ_HOME": str(home)}).invoke(evaluate, ["effect", *given])


def districts(pinned: Pinned) -> list[str]:
    frame = pinned.reader.frame("SELECT DISTINCT district FROM incidents ORDER BY 1", {})
    return [name for name in frame["district"] if name is not None]


def start_of(pinned: Pinned, weeks: int) -> date:
    complete = pinned.snapshot.manifest.last_complete_day
    assert complete is not None
    return complete - timedelta(days=7 * weeks - 1)


def counted(pinned: Pinned, district: str, first: date, weeks: int) -> int:
    sql = (
        "SELECT count(*) AS n FROM incidents WHERE district = $district "
        "AND operational_day BETWEEN $first AND $last"
    )
    last = first + timedelta(days=7 * weeks - 1)
    frame = pinned.reader.frame(sql, {"district": district, "first": first, "last": last})
    return int(frame["n"][0])


def test_groups_are_counted_as_by_sql(city_of_8000: Path, pinned: Pinned) -> None:
    target, control, around, *_ = districts(pinned)
    start = start_of(pinned, 8)
    given = [f"--target=district={target}", f"--control=district={control}"]
    given += [f"--displacement=district={around}", f"--start={start}", "--weeks=8"]
    outcome = run(city_of_8000, *given, "--weeks-before=4", "--json")
    assert outcome.exit_code == 0, outcome.output
    found = json.loads(outcome.stdout)
    for name, district in (("target", target), ("control", control), ("displacement", around)):
        before = counted(pinned, district, start - timedelta(weeks=4), 4)
        after = counted(pinned, district, start, 8)
        assert (found["groups"][name]["before"], found["groups"][name]["after"]) == (before, after)
    change = {name: group["after"] - 2 * group["before"] for name, group in found["groups"].items()}
    expected = change["target"] - change["control"] + change["displacement"]
    assert found["difference"] == pytest.approx(expected)
    assert found["low"] < found["difference"] < found["high"]
    assert found["dispersion"] >= 1
    assert set(found["weeks_needed"]) == {"10%", "20%", "30%", "50%"}
    spoken = run(city_of_8000, *given)
    assert "incidents in 8 weeks" in spoken.stdout


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"control": "district={target}"}, "share"),
        ({"control": ""}, "Missing option"),
        ({"start": "2000-01-03"}, "The data starts on"),
        ({"weeks": "60"}, "The data is complete until"),
        ({"selection": "date=2026-01-01..2026-02-01"}, "has a filter on the date"),
        ({"displacement": "date=2026-01-01..2026-02-01"}, "has a filter on the date"),
        ({"displacement": "district=nowhere"}, "displacement has no such incident"),
    ],
)
def test_what_cannot_be_compared_is_refused(
    city_of_8000: Path, pinned: Pinned, changed: dict[str, str], told: str
) -> None:
    target, control, *_ = districts(pinned)
    options = {
        "target": f"district={target}",
        "control": f"district={control}",
        "start": str(start_of(pinned, 8)),
        "weeks": "8",
    } | {name: text.format(target=target) for name, text in changed.items()}
    outcome = run(city_of_8000, *(f"--{name}={text}" for name, text in options.items() if text))
    assert outcome.exit_code != 0
    assert told in (str(outcome.exception) + outcome.output)


def test_short_history_is_said(city_of_8000: Path, pinned: Pinned) -> None:
    target, control, *_ = districts(pinned)
    outcome = run(
        city_of_8000,
        f"--target=district={target}",
        f"--control=district={control}",
        f"--start={start_of(pinned, 26)}",
        "--weeks=26",
    )
    assert outcome.exit_code == 0, outcome.output
    assert "too short to measure" in outcome.stdout
