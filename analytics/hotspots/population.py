"""Residents by cell, for risk against population.

References
----------
Goodchild & Lam (1980), Areal interpolation: a variant of the traditional spatial problem,
Geo-Processing 1.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely

from analytics.errors import InputError
from analytics.hotspots.clustering import Floats
from analytics.hotspots.fishnet import Fishnet


def residents_of_cells(
    net: Fishnet, areas: Sequence[shapely.Geometry], residents: Sequence[float]
) -> Floats:
    """Residents of areas spread over cells by area; shape (cells,).

    With `fit_risk` they are the denominator of risk per resident: places `net.centres`, these
    weights.

    Parameters
    ----------
    areas : polygons in local metres, as `fishnet.outline_shapes` gives them
    residents : number of residents of each area

    Notes
    -----
    Areal weighting: residents are taken to live evenly over their area, parks and water included.
    Finer areas err less.

    Raises
    ------
    InputError
        Areas and residents do not fit, or an area with residents has no extent.

    References
    ----------
    Goodchild & Lam (1980).
    """
    people = np.asarray(residents, dtype=np.float64)
    extent = shapely.area(np.asarray(areas, dtype=object))
    if people.shape != extent.shape:
        raise InputError(f"{len(extent):,} areas have {len(people):,} numbers of residents.")
    if not np.isfinite(people).all() or (people < 0).any() or ((extent <= 0) & (people > 0)).any():
        raise InputError("Each area needs an extent and a number of residents, 0 or more.")
    boxes = net.boxes()
    area, cell = shapely.STRtree(boxes).query(list(areas), predicate="intersects")
    shared = shapely.area(shapely.intersection(np.asarray(areas, dtype=object)[area], boxes[cell]))
    density = np.divide(people, extent, out=np.zeros(len(people)), where=extent > 0)
    spread = np.bincount(cell, shared * density[area], minlength=len(net))
    return np.asarray(spread, dtype=np.float64)
