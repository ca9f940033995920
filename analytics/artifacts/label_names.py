"""Names of zones and temporal profiles, from the bundles of a snapshot's models."""

from __future__ import annotations

import logging
from pathlib import Path

from analytics.artifacts.bundle import Bundle, version_folder
from analytics.crossfilter.clauses import label_key
from analytics.crossfilter.dimensions import LABELED
from analytics.crossfilter.point_labels import dimension_of, label_versions
from analytics.errors import InputError, IntegrityError
from analytics.incidents.manifest import Manifest

ZONES = "zones"
_LOG = logging.getLogger(__name__)


def label_names(home: Path, manifest: Manifest) -> dict[str, dict[str, str]]:
    """Name by dimension and label, such as {"zone": {"kmeans@7:12": "Madison St"}}.

    They come from table `zones` (label, name) of each bundle. Without a bundle, or if it is
    damaged (which is logged), zones are shown by number.
    """
    names: dict[str, dict[str, str]] = {name: {} for name in LABELED}
    for model, version in label_versions(manifest).items():
        try:
            found = _names(Bundle.load(version_folder(home, model, version)))
        except InputError:
            continue
        except IntegrityError as error:
            _LOG.warning("zones of %s %s are shown by number: %s", model, version, error)
            continue
        names[dimension_of(model)] |= {
            label_key(model, version, label): name for label, name in found.items()
        }
    return names


def _names(bundle: Bundle) -> dict[str, str]:
    if ZONES not in bundle.tables:
        return {}
    zones = bundle.table(ZONES)
    if "name" not in zones.columns:
        return {}
    return {str(label): name for label, name in zones.select("label", "name").iter_rows() if name}
