"""`patroliq layers`: streets, water, places and place names under the data of every map."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from analytics.cli.output import emit, json_option
from analytics.layers.kinds import LayerKind

if TYPE_CHECKING:
    from analytics.areas.outlines import OnRecord
    from analytics.layers.layer_store import LayerInfo
    from analytics.settings import Settings

KINDS = click.Choice([str(kind) for kind in LayerKind])
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def command() -> None:
    """Manage layers under the data of every map: streets, water, places, place names."""


@command.command()
@click.argument("kind", type=KINDS)
@click.argument("file", type=FILE)
@click.option("--name", help="Field with names of streets, water, places or areas.")
@click.option("--class", "class_", help="Field with classes of streets.")
@click.option("--major", help="Classes of major streets, separated by commas.")
@click.option("--kind", "kind_field", help="Field with kinds of places. Default: the title.")
@click.option("--title", default="", help="Title of a set of places. Default: the file's name.")
@click.option("--license", default="", help="License or source, shown in the corner of maps.")
@click.option("--layer", help="Layer of a GeoPackage, or shapefile of a zip archive.")
@click.option("--crs", help="Coordinate system, such as EPSG:3435, if the file does not say.")
@click.option("--geometry", help="Column of a CSV file with shapes (WKT) or (latitude, longitude).")
@click.option("--nodes", type=FILE, help="CSV of nodes that a CSV of streets names at its ends.")
@json_option
def add(
    *,
    kind: str,
    file: Path,
    name: str | None,
    class_: str | None,
    major: str | None,
    kind_field: str | None,
    title: str,
    license: str,
    layer: str | None,
    crs: str | None,
    geometry: str | None,
    nodes: Path | None,
    as_json: bool,
) -> None:
    """Add FILE as a layer of KIND: GeoJSON, CSV, shapefile (.shp or zip) or GeoPackage."""
    from analytics.layers.add import LayerOptions, add_layer
    from analytics.layers.layer_file import FileOptions
    from analytics.settings import Settings

    settings = Settings.from_environment()
    options = LayerOptions(
        title=title,
        license=" ".join(license.split()),
        name=name,
        class_=class_,
        kind=kind_field,
        major=tuple(one.strip() for one in (major or "").split(",") if one.strip()),
        reading=FileOptions(layer, crs, geometry, nodes),
    )
    added = add_layer(settings, LayerKind(kind), file, options, on_record=_in_audit_log(settings))
    emit(asdict(added), as_json, lambda: _report(added))


@command.command(name="list")
@json_option
def list_layers(as_json: bool) -> None:
    """List the layers, with their source and license."""
    from analytics.layers.layer_store import LayerStore
    from analytics.settings import Settings

    infos = LayerStore(Settings.from_environment().home).infos()

    def lines() -> list[str]:
        return [
            f"{info.id:24} {_counts(info)}; {info.file}, added {info.added[:10]}"
            + (f"; {info.license}" if info.license else "")
            for info in infos
        ] or ["No layers yet; add one with `patroliq layers add`."]

    emit({"layers": [asdict(info) for info in infos]}, as_json, lines)


@command.command()
@click.argument("layer")
@json_option
def remove(layer: str, as_json: bool) -> None:
    """Remove LAYER, by its id of `patroliq layers list`."""
    from analytics.layers.add import remove_layer
    from analytics.settings import Settings

    settings = Settings.from_environment()
    removed = remove_layer(settings.home, layer, on_record=_in_audit_log(settings))
    emit(asdict(removed), as_json, lambda: [f"Removed {removed.id} ({removed.file})."])


def _in_audit_log(settings: Settings) -> OnRecord:
    from analytics.audit import recorded

    return lambda event, subject, details: recorded(settings, event, subject, details=details)


def _report(info: LayerInfo) -> list[str]:
    lines = [f"Added {info.id}: {_counts(info)} of {info.features:,} features."]
    lines += [f"Field of {role}: {name}." for role, name in info.fields.items()]
    if info.kind == LayerKind.STREETS:
        if "name" not in info.fields:
            lines.append("No field of street names was found; name one with --name.")
        if "class" not in info.fields:
            lines.append(
                "No field of known classes: the longest streets are drawn as major ones. Name a "
                "field with --class, and its major classes with --major."
            )
        share = info.counts["largest_component"]
        lines.append(
            f"{info.counts['components']:,.0f} connected parts; the largest has {share:.1%} of "
            "the nodes."
        )
    lines += [f"Left out, {why}: {count:,} features." for why, count in info.left_out.items()]
    return lines


def _counts(info: LayerInfo) -> str:
    if info.kind == LayerKind.STREETS:
        counts = info.counts
        return (
            f"{counts['edges']:,} segments and {counts['nodes']:,} nodes of "
            f"{counts['streets']:,} streets, {counts['km']:,.0f} km ({counts['major_km']:,.0f} "
            "km major)"
        )
    kinds = f" of {info.counts['kinds']} kinds" if info.counts.get("kinds", 1) > 1 else ""
    return f"{info.counts['shapes']:,} shapes{kinds}"
