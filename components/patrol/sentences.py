"""Sentences of the Patrol page."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from analytics.artifacts.catalog import PARAMETER_CHOICES
from analytics.artifacts.targets import ALL_INCIDENTS
from analytics.formats import amount, moment, number, percent, short_date
from analytics.patrol.places import PlaceMethod
from analytics.patrol.plan_content import DISCOUNTED_COUNTS, PlanContent
from analytics.patrol.plan_request import PlanRequest
from analytics.patrol.rules import SETTINGS, PatrolRules
from analytics.patrol.stored_plans import PlanSummary, PlanVersion

EXPOSURE = (
    "It counts exposure, not prevention: incidents expected within reach of a stop, from the "
    "arrival until the end of the residual, whether or not the patrol prevents them."
)

LEVELS = PARAMETER_CHOICES["level"]
"""Levels of areas, as words."""
LEVEL = PlanRequest.per
"""Level of areas where none is requested."""
PLACES = {
    PlaceMethod.COVER: "Points that cover most",
    PlaceMethod.CLUSTERS: "Foot places of six blocks",
}
NO_STOPS = "No stops: the search found none that would add to what the plan reaches."


def made_words(version: PlanVersion) -> str:
    """Which version is shown: who made it, when and why."""
    at = moment(datetime.fromisoformat(version.at))
    return f"Version {version.version} by {version.person}, {at}: {version.reason}"


def about_words(version: PlanVersion, served: str) -> list[str]:
    """What the plan is for, and what its figures are made from."""
    asked, content = version.request, version.content
    words = [
        f"{asked.shift} of {short_date(asked.day)}: {_units(asked)}, for {of_words(asked)}.",
        f"{made_words(version)}.",
        forecast_words(content, harm=asked.harm),
        f"Travel times are by {content.travel}; units start and end at the {content.starts_at}.",
    ]
    if version.snapshot != served:
        words.append(f"It was made from an earlier snapshot of the data, {version.snapshot}.")
    if version.edits:
        words.append("Analysts changed it: see Changes.")
    return [*words, *version.notes]


def forecast_words(content: PlanContent, *, harm: bool) -> str:
    """Whether a model or counts say what is expected, and why counts do."""
    if content.forecast == DISCOUNTED_COUNTS:
        why = (
            "street forecasts are of incidents, not of harm"
            if harm
            else "no street forecast of these incidents was in use"
        )
        return f"It was made on discounted counts, not on a forecast: {why}."
    model, _, number_ = content.forecast.partition("@")
    return f"Expected incidents are from {model.replace('_', ' ')}, version {number_}."


def of_words(asked: PlanRequest) -> str:
    """Which incidents the plan counts."""
    what = "all incidents" if asked.target == ALL_INCIDENTS.name else asked.target.replace("_", " ")
    narrowed = f" ({asked.selection})" if asked.selection else ""
    weighed = ", weighed by harm" if asked.harm else ""
    found = ", police-initiated offenses included" if asked.proactive else ""
    return f"{what}{narrowed}{weighed}{found}"


def settings_words(asked: PlanRequest) -> list[str]:
    """All settings of a plan, as sentences."""
    rules, limits = asked.rules, []
    if asked.minimum:
        limits.append(f"each area gets at least {_counted(asked.minimum, 'unit')}")
    if asked.balance is not None:
        limits.append(f"units per workload stay within {asked.balance:g} times the mean")
    if asked.at_most_share is not None:
        limits.append(
            f"no area's share of patrol time is above {asked.at_most_share:g} times its share of "
            "harm"
        )
    where = LEVELS[asked.per].lower()
    areas = f"all {where}" if asked.area is None else f"only area {asked.area} of the {where}"
    found = "count too" if asked.proactive else "are left out"
    return [
        f"Areas: {areas}{''.join(f'; {one}' for one in limits)}.",
        f"Stops: {PLACES[PlaceMethod(asked.places)].lower()}.",
        f"Police-initiated offenses {found}.",
        f"Settings: stops of {rules.stop_min} minutes, {rules.residual_min} minutes residual, "
        f"{rules.gap_min} minutes between visits of a place, {rules.radius_m:g} m reach, "
        f"{rules.hours:g} hours, {rules.candidates} candidate places for each unit.",
    ]


def changed_settings(asked: PlanRequest | PlanSummary) -> str:
    """Settings that differ from the defaults, such as `stop 6, gap 60, only area 011`."""
    usual = asdict(PatrolRules())
    changed = [
        f"{SETTINGS[name].option} {value:g}"
        for name, value in asdict(asked.rules).items()
        if value != usual[name]
    ]
    if asked.per != LEVEL:
        changed.append(LEVELS[asked.per].lower())
    if asked.area is not None:
        changed.append(f"only area {asked.area}")
    if asked.harm:
        changed.append("by harm")
    if asked.proactive:
        changed.append("police-initiated too")
    if asked.minimum:
        changed.append(f"minimum {asked.minimum}")
    if asked.balance is not None:
        changed.append(f"balance {asked.balance:g}")
    if asked.at_most_share is not None:
        changed.append(f"share at most {asked.at_most_share:g} of harm")
    if asked.places != PlaceMethod.COVER.value:
        changed.append(PLACES[PlaceMethod(asked.places)].lower())
    return ", ".join(changed) or "default"


def reached_words(content: PlanContent, *, harm: bool) -> str:
    """How much of what is expected the plan reaches: `2.31 of 45.1 expected incidents (5.1%)`."""
    what = "days of harm" if harm else "incidents"
    return (
        f"{amount(content.captured)} of {number(content.expected, 1)} expected {what} "
        f"({percent(content.share)})"
    )


def _counted(many: int, what: str) -> str:
    return f"{number(many)} {what}{'' if many == 1 else 's'}"


def _units(asked: PlanRequest) -> str:
    units = _counted(asked.units, "unit")
    return f"{units} of {number(asked.rules.hours, 1).rstrip('0').rstrip('.')} hours"
