"""Levels of tiles, and the whole numbers that places in a tile have."""

from __future__ import annotations

CITY, NEAR = 9, 12
"""Levels of tiles: for the whole city, and from near."""
LEVELS = (CITY, NEAR)
EXTENT = 16_384
"""Width of a tile in its whole numbers."""
