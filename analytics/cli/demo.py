"""`patroliq demo`: build the synthetic demo city."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import click

from analytics.cli.output import emit, json_option, progress_bar

FEWEST, MOST = 1_000, 5_000_000


def _yesterday() -> date:
    return datetime.now(UTC).date() - timedelta(days=1)


@click.command()
@click.option(
    "--incidents",
    default=500_000,
    show_default=True,
    type=click.IntRange(FEWEST, MOST),
    help="Number of incidents.",
)
@click.option(
    "--seed",
    default=1,
    show_default=True,
    type=click.IntRange(0),
    help="The same seed gives the same incidents.",
)
@click.option(
    "--until",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Last day, such as 2026-01-31. Default: yesterday.",
)
@click.option("--calls/--no-calls", default=True, help="Add synthetic calls for service.")
@json_option
def command(incidents: int, seed: int, until: datetime | None, calls: bool, as_json: bool) -> None:
    """Build a synthetic city: three years of incidents, calibrated to a real city."""
    from analytics.demo.build import build_demo
    from analytics.demo.calls import add_demo_calls
    from analytics.demo.city import build_city
    from analytics.demo.map_layers import add_demo_layers
    from analytics.demo.profile import DemoProfile
    from analytics.settings import Settings

    last_day = until.date() if until else _yesterday()
    settings = Settings.from_environment()
    drawn = 0
    with progress_bar() as advance:
        result = build_demo(settings, incidents, seed, last_day, advance)
        if result["published"]:
            advance("Drawing streets and water", 0.95)
            add_demo_layers(settings, build_city(DemoProfile.load()))
        if result["published"] and calls:
            advance("Drawing calls", 0.97)
            drawn = add_demo_calls(settings, seed, last_day)
    emit(result, as_json, lambda: _lines(result, drawn))


def _lines(result: dict[str, Any], calls: int) -> list[str]:
    spots = [planted for planted in result["planted"] if planted["kind"] == "hot spot"]
    return [
        f"Demo City, synthetic: {result['incidents']:,} incidents, "
        f"{result['first']} to {result['last']}.",
        f"Read {result['read']:,} rows = {result['accepted']:,} accepted + "
        f"{result['quarantined']:,} quarantined + {result['duplicates']:,} duplicates + "
        f"{result['differing']:,} differing (older versions).",
        f"Planted {len(spots)} hot spots, a trend and near repeats: {result['planted_file']}",
        *([f"Drew {calls:,} synthetic calls for service."] if calls else []),
        f"Snapshot {result['snapshot']}"
        + ("." if result["published"] else ", unchanged: it already has this city."),
    ]
