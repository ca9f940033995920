"""Build the demo city in a warehouse, with the same ingest as any agency's file."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from analytics.areas.outlines import FOLDER as OUTLINES
from analytics.demo.city import City, build_city
from analytics.demo.generate import Generated, generate
from analytics.demo.outlines import is_synthetic, write_outlines
from analytics.demo.profile import DemoProfile
from analytics.errors import InputError
from analytics.incidents.model import SCHEMA_VERSION
from analytics.incidents.warehouse import Warehouse
from analytics.ingest.pipeline import ingest
from analytics.layers.layer_store import LayerStore
from analytics.settings import Settings
from analytics.sources.record_kinds import DEMO
from analytics.sources.source import Source

FILE = "demo_city.parquet"
GENERATOR = 1  # raise it when the same arguments give other incidents

Advance = Callable[[str, float], None]


def build_demo(
    settings: Settings, incidents: int, seed: int, until: date, advance: Advance
) -> dict[str, Any]:
    """Generate the city's file and ingest it in place of an earlier demo.

    Returns the counts of the ingest and the planted patterns, which are also written to
    demo/planted.json in the home folder. Does nothing if the current snapshot was made with the
    same arguments.

    Raises
    ------
    InputError
        The warehouse has an agency's incidents, outlines or layers.
    """
    arguments = {
        "incidents": incidents,
        "seed": seed,
        "until": until.isoformat(),
        "generator": GENERATOR,
    }
    warehouse = Warehouse(settings.home)
    _refuse_other_sources(warehouse)
    _refuse_agency_files(settings.home)
    kept = _already_there(warehouse, arguments)
    if kept is not None:
        return kept
    advance("Building the city", 0.0)
    profile = DemoProfile.load()
    city = build_city(profile)
    advance("Generating incidents", 0.05)
    generated = generate(profile, incidents, seed, until, city)
    counts = _ingest(settings, city, generated, advance)
    path = planted_file(settings.home)
    result = {
        **counts,
        "arguments": arguments,
        "updates": generated.updates,
        "unreadable": generated.unreadable,
        "synthetic": True,
        "planted_file": str(path),
        "planted": generated.planted,
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(result, indent=1, ensure_ascii=False), encoding="utf-8")
    return result


def planted_file(home: Path) -> Path:
    """File that describes the planted patterns."""
    return home / "demo" / "planted.json"


def _ingest(
    settings: Settings, city: City, generated: Generated, advance: Advance
) -> dict[str, Any]:
    with TemporaryDirectory(prefix="patroliq-demo-") as folder:
        path = Path(folder) / FILE
        generated.rows.write_parquet(path, compression="zstd", compression_level=1)
        with _city_outlines(city, settings.home):
            report = ingest(
                [path],
                Source.load(DEMO),
                settings,
                replace=True,
                advance=lambda what, share: advance(what, 0.2 + 0.8 * share),
            )
    return {
        name: getattr(report, name)
        for name in (
            *("read", "accepted", "quarantined", "duplicates", "differing"),
            *("incidents", "first", "last", "snapshot", "published"),
        )
    }


@contextmanager
def _city_outlines(city: City, home: Path) -> Iterator[None]:
    """Put the city's outlines where ingest looks for an agency's, and remove them afterwards.

    Areas of a real source that is ingested later may have the same keys.
    """
    paths = write_outlines(city, home / OUTLINES)
    try:
        yield
    finally:
        for path in paths.values():
            path.unlink(missing_ok=True)


def _refuse_agency_files(home: Path) -> None:
    layers = [info.id for info in LayerStore(home).infos() if not info.synthetic]
    if layers:
        raise InputError(
            f"{home} has an agency's layers ({', '.join(layers)}). Use a separate home folder for "
            "the demo city: set PATROLIQ_HOME."
        )
    for path in sorted((home / OUTLINES).glob("*.geojson")):
        if not is_synthetic(path):
            raise InputError(
                f"{path} has an agency's outlines. Use a separate home folder for the demo city: "
                "set PATROLIQ_HOME."
            )


def _refuse_other_sources(warehouse: Warehouse) -> None:
    current = warehouse.mergeable()
    if current is not None and not current.manifest.source.synthetic:
        raise InputError(
            f"{warehouse.home} has incidents of {current.manifest.source.title}. Use a separate "
            "home folder for the demo city: set PATROLIQ_HOME."
        )


def _already_there(warehouse: Warehouse, arguments: dict[str, Any]) -> dict[str, Any] | None:
    try:
        kept: dict[str, Any] = json.loads(planted_file(warehouse.home).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    current = warehouse.mergeable()
    same = (
        current is not None
        and current.manifest.schema_version == SCHEMA_VERSION
        and (kept.get("arguments"), kept.get("snapshot")) == (arguments, current.id)
    )
    return {**kept, "published": False} if same else None
