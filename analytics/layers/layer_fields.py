"""Which field of a file plays which role in a layer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from analytics.errors import InputError
from analytics.layers.kinds import LayerKind
from analytics.layers.street_ranks import CLASS_NAMES

ROLES: dict[LayerKind, tuple[str, ...]] = {
    LayerKind.STREETS: ("name", "class"),
    LayerKind.WATER: ("name",),
    LayerKind.PLACES: ("name", "kind"),
    LayerKind.LABELS: ("name",),
}
_STREET_NAMES = (
    *("street", "street_name", "streetname", "street_nam", "st_name", "stname", "streetnm"),
    *("fullname", "full_name", "full_street_name", "fullstreetname", "road_name", "roadname"),
    *("name", "label"),
)
_NAMES = ("name", "title", "label", "station_name", "school_nm", "park", "park_name", "community")
_USUAL: dict[str, tuple[str, ...]] = {"class": CLASS_NAMES, "kind": ()}


def choose_fields(
    path: object, kind: LayerKind, asked: Mapping[str, str | None], names: Sequence[str]
) -> dict[str, str]:
    """The field of each role that has one: as asked, else by a usual name.

    Raises
    ------
    InputError
        The file has no field with a requested name, or labels have no names.
    """
    chosen = {}
    by_form = {name.casefold(): name for name in reversed(names)}
    for role in ROLES[kind]:
        wanted = asked.get(role)
        if wanted is not None:
            if wanted not in names:
                raise InputError(
                    f"{path}: no field {wanted!r}. Its fields: {', '.join(names) or 'none'}."
                )
            chosen[role] = wanted
            continue
        usual = _USUAL.get(role, _STREET_NAMES if kind is LayerKind.STREETS else _NAMES)
        found = next((by_form[name] for name in usual if name in by_form), None)
        if found:
            chosen[role] = found
    if kind is LayerKind.LABELS and "name" not in chosen:
        raise InputError(
            f"{path}: name the field of the labels with --name. "
            f"Its fields: {', '.join(names) or 'none'}."
        )
    return chosen
