"""`patroliq addresses`: decide which places are default addresses."""

from __future__ import annotations

from contextlib import closing
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from analytics.cli.output import emit, json_option
from analytics.errors import InputError

if TYPE_CHECKING:
    from analytics.hotspots.default_addresses import AddressProposal
    from analytics.incidents.default_places import DefaultPlace, OnRecord
    from analytics.settings import Settings

NEXT = "The next ingest applies it to the incidents."
why_option = click.option("--why", required=True, help="Reason, for the audit log.")


@click.group()
def command() -> None:
    """Decide which places are default addresses. Incidents there are left out of hot spots."""


@command.command(name="list")
@json_option
def list_places(as_json: bool) -> None:
    """List places that are proposed as default addresses, and those decided on."""
    from analytics.hotspots.default_addresses import address_proposals, decided_addresses
    from analytics.incidents.default_places import read_default_places
    from analytics.incidents.reader import SnapshotReader
    from analytics.incidents.warehouse import Warehouse
    from analytics.settings import Settings

    settings = Settings.from_environment()
    snapshot = Warehouse(settings.home).current()
    decided = read_default_places(settings.home)
    proposed: tuple[AddressProposal, ...] = ()
    if snapshot is not None:
        with closing(SnapshotReader(snapshot, settings)) as reader:
            proposed = address_proposals(reader, *decided_addresses(snapshot.manifest, settings))

    def lines() -> list[str]:
        found = [_proposal_line(one) for one in proposed]
        found += [_decision_line(one) for one in decided]
        return found or ["No place is proposed, and none was decided on."]

    result = {
        "snapshot": snapshot.id if snapshot else None,
        "proposed": [asdict(one) for one in proposed],
        "decided": [asdict(one) for one in decided],
    }
    emit(result, as_json, lines)


@command.command()
@click.argument("place")
@click.option("--location-type", "types", multiple=True, help="Only incidents of this type there.")
@why_option
@json_option
def accept(place: str, types: tuple[str, ...], why: str, as_json: bool) -> None:
    """Flag the incidents at PLACE (latitude,longitude as listed) as at a default address."""
    _decide(place, why, as_json, accepted=True, types=types)


@command.command()
@click.argument("place")
@why_option
@json_option
def decline(place: str, why: str, as_json: bool) -> None:
    """Keep the incidents at PLACE, and propose it no more."""
    _decide(place, why, as_json, accepted=False)


@command.command()
@click.argument("place")
@why_option
@json_option
def withdraw(place: str, why: str, as_json: bool) -> None:
    """Withdraw the decision on PLACE."""
    from analytics.incidents import default_places
    from analytics.settings import Settings

    settings = Settings.from_environment()
    lat, lon = _place(place)
    gone = default_places.withdraw(settings.home, lat, lon, why, _in_audit_log(settings))
    emit(asdict(gone), as_json, lambda: [f"Withdrew the decision on {gone.text}. {NEXT}"])


def _decide(
    place: str, why: str, as_json: bool, *, accepted: bool, types: tuple[str, ...] = ()
) -> None:
    from datetime import UTC, datetime

    from analytics.acting import person
    from analytics.incidents.default_places import DefaultPlace, decide
    from analytics.settings import Settings

    settings = Settings.from_environment()
    lat, lon = _place(place)
    incidents = _incidents_at(settings, lat, lon, types)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    decision = DefaultPlace(lat, lon, accepted, why, person(settings), now, types)
    decide(settings.home, decision, _in_audit_log(settings))
    done = "Accepted" if accepted else "Declined"
    emit(
        {**asdict(decision), "incidents": incidents},
        as_json,
        lambda: [
            f"{done} {decision.text} ({incidents:,} incidents). {NEXT if accepted else ''}".strip()
        ],
    )


def _incidents_at(settings: Settings, lat: float, lon: float, types: tuple[str, ...]) -> int:
    """Incidents at a place; refuses one without any, such as a mistyped one."""
    from analytics.incidents.reader import SnapshotReader
    from analytics.incidents.warehouse import Warehouse
    from sql import load

    snapshot = Warehouse(settings.home).current()
    if snapshot is None:
        raise InputError(f"{settings.home} has no snapshot; first run `patroliq ingest`.")
    parameters = {"lat": lat, "lon": lon, "types": list(types)}
    with closing(SnapshotReader(snapshot, settings)) as reader:
        found = reader.frame(load("default_addresses/count_at"), parameters)
    incidents = int(found["incidents"][0])
    if not incidents:
        of = f" of location type {' or '.join(types)}" if types else ""
        raise InputError(f"No incident{of} is at {lat},{lon}; see `patroliq addresses list`.")
    return incidents


def _place(text: str) -> tuple[float, float]:
    try:
        lat, lon = (float(part) for part in text.split(","))
    except ValueError as error:
        raise InputError(
            f"{text[:60]!r} is not a valid place; write it as listed: latitude,longitude."
        ) from error
    return lat, lon


def _in_audit_log(settings: Settings) -> OnRecord:
    from analytics.audit import recorded

    return lambda event, subject, details: recorded(settings, event, subject, details=details)


def _proposal_line(one: AddressProposal) -> str:
    types = ", ".join(f"{kind or 'unknown'} {count:,}" for kind, count in one.types)
    where = f" {one.block}" if one.block else ""
    return (
        f"proposed  {one.text}{where}: {one.incidents:,} incidents, {one.times:.0f} times "
        f"a place on average; {types} ({', '.join(one.evidence)})"
    )


def _decision_line(one: DefaultPlace) -> str:
    done = "accepted" if one.accepted else "declined"
    types = f", only {', '.join(one.location_types)}" if one.location_types else ""
    return f"{done}  {one.text}{types}: {one.why} ({one.person}, {one.at[:10]})"
