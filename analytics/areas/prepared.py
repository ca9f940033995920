"""Prepared shapes, which answer many questions fast and which threads must not share.

GEOS keeps working memory with a prepared shape, and shapely lets other threads run while it asks:
two threads that asked one shape ended the process.
"""

from __future__ import annotations

from typing import TypeVar

import shapely

Shapes = TypeVar("Shapes")


def prepared(shapes: Shapes) -> Shapes:
    """A prepared copy of a shape or an array of shapes, for the caller's thread alone."""
    own: Shapes = shapely.from_wkb(shapely.to_wkb(shapes))
    shapely.prepare(own)
    return own
