"""Options and inputs that the commands about patrol share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import reduce
from math import isfinite
from typing import TYPE_CHECKING, Any

import click

from analytics.cli.output import target_option
from analytics.cli.pinned import pin_snapshot, read_selection
from analytics.patrol.plan_request import LIMITS
from analytics.patrol.rules import SETTINGS, PatrolRules
from analytics.settings import Settings

if TYPE_CHECKING:  # they load Polars and SciPy
    from analytics.artifacts.targets import ModelTarget
    from analytics.patrol.demand import Demand
    from analytics.patrol.spots import SpotForecaster
    from analytics.patrol.travel import Travel
    from analytics.services import Pinned

_DEMAND = (
    click.option("--shift", required=True, help="Shift of the agency, such as Evening."),
    target_option,
    click.option("--selection", default="", help="Narrows the target, such as group=violent."),
    click.option("--per", default="district", show_default=True, help="Level of the areas."),
    click.option("--harm", is_flag=True, help="Reach most harm instead of most incidents."),
    click.option(
        "--proactive",
        is_flag=True,
        help="Also incidents that officers find themselves: they say where officers were.",
    ),
)


class FiniteRange(click.FloatRange):
    """A range of numbers that holds neither NaN, which is in every range, nor infinity."""

    def convert(
        self, value: Any, param: click.Parameter | None, context: click.Context | None
    ) -> float:
        number = float(super().convert(value, param, context))
        if not isfinite(number):
            self.fail(f"{value} is not a finite number.", param, context)
        return number


def demand_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Shift, target, areas and weight."""
    return reduce(lambda made, option: option(made), reversed(_DEMAND), command)


def limit_type(name: str) -> click.ParamType:
    """Values of a limit of the allocation."""
    one = LIMITS[name]
    if one.is_whole:
        return click.IntRange(int(one.least), int(one.most))
    return FiniteRange(one.least, one.most)


def rule_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Settings of patrol; docs/patrol.md has the source of each default."""
    options = [
        click.option(
            f"--{one.option}", field, type=int if one.is_whole else float, help=f"{one.title}."
        )
        for field, one in SETTINGS.items()
    ]
    return reduce(lambda made, option: option(made), reversed(options), command)


def rules_of(given: dict[str, Any]) -> PatrolRules:
    """Take the settings of patrol out of a command's arguments."""
    named = {field: given.pop(field) for field in SETTINGS}
    return PatrolRules(**{name: value for name, value in named.items() if value is not None})


@dataclass(frozen=True, eq=False)
class PatrolInputs:
    """What both commands read: the demand, its spots with their forecasts, and travel."""

    settings: Settings
    pinned: Pinned = field(repr=False)
    demand: Demand
    forecaster: SpotForecaster = field(repr=False)
    travel: Travel
    target: ModelTarget

    @property
    def crs_local(self) -> str:
        """Coordinate system of local meters."""
        return self.pinned.snapshot.manifest.crs_local

    def everything(self) -> Demand:
        """All incidents of the target, also those that patrol cannot affect."""
        from analytics.patrol.demand import read_demand

        shift, level, target = self.demand.shift, self.demand.level, self.target.selection
        reader = self.pinned.reader
        return read_demand(reader, (), shift, target=target, level=level, proactive=True)

    def stations(self) -> dict[int, tuple[float, float]]:
        """Stations by area; empty without a file of them."""
        from analytics.patrol.stations import read_stations

        path = self.settings.stations
        areas = self.forecaster.spots.areas
        return {} if path is None else read_stations(path, areas, self.crs_local)


def read_inputs(
    shift: str,
    target: str,
    selection: str,
    per: str,
    *,
    harm: bool,
    proactive: bool,
    snapshot: str | None = None,
) -> PatrolInputs:
    """Read the demand of a target.

    Parameters
    ----------
    snapshot : id of the snapshot to read; the one being served by default

    Raises
    ------
    InputError
        Something is not valid, or nothing is left that patrol can affect.
    """
    from analytics.artifacts.targets import Targets
    from analytics.crossfilter.nights import DayClock
    from analytics.incidents.reference import find_table
    from analytics.patrol.demand import FILE, ShiftTimes, read_demand, read_exclusions
    from analytics.patrol.spots import SpotForecaster, Spots
    from analytics.patrol.travel import travel_of

    settings = Settings.from_environment()
    pinned = pin_snapshot(settings, snapshot)
    manifest = pinned.snapshot.manifest
    named = Targets.of(pinned.vocabulary, settings).find(target)
    chosen = named.part(read_selection(selection, pinned))
    times = ShiftTimes.of(DayClock.of(manifest), shift)
    exclusions = read_exclusions(find_table(FILE, settings.own_tables), pinned.vocabulary)
    demand = read_demand(
        pinned.reader, exclusions, times, target=chosen, level=per, proactive=proactive
    )
    forecaster = SpotForecaster.of(demand, Spots.of(demand), harm=harm)
    travel = travel_of(settings, manifest.crs_local)
    return PatrolInputs(settings, pinned, demand, forecaster, travel, named)
