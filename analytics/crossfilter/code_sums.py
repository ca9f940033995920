"""Sums of each code, and the codes in each block of incidents, so that scans can skip blocks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from analytics.crossfilter.codes import CodeIndex

BLOCK_ROWS = 8_192
MOST_PRESENT = 2_048
"""Columns with more codes store the least and greatest code of a block, others one bit a code."""
CHUNK_BLOCKS = 128
Ints = np.ndarray[Any, np.dtype[np.int64]]
Array = np.ndarray[Any, Any]


def write_sums(target: Path, index: CodeIndex, harm: Ints) -> None:
    """Write `<column>.sums.npy`, `<column>.blocks.npy` and `harm.blocks.npy`.

    Parameters
    ----------
    target : Path
        Folder of the columns.
    harm : int64 (offense codes,)
        Harm of one incident.
    """
    offenses = _open(target, index, "offense_arrest")
    np.save(target / "harm.blocks.npy", harm_of_blocks(offenses, harm))
    for column in index.columns:
        codes = _open(target, index, column.name)
        sums = np.zeros((3, column.codes), np.int64)
        blocks = []
        for start, part in _chunks(codes):
            offense = offenses[start : start + len(part)]
            sums += sums_by_code(part, offense, harm, column.codes)
            blocks.append(codes_in_blocks(part, column.codes))
        np.save(target / f"{column.name}.sums.npy", sums)
        blocks = blocks or [codes_in_blocks(codes, column.codes)]
        np.save(target / f"{column.name}.blocks.npy", np.concatenate(blocks))


def sums_by_code(codes: Array, offenses: Array, harm: Ints, count: int) -> Ints:
    """Incidents, arrests and harm of each code; int64, shape (3, count).

    Parameters
    ----------
    codes, offenses : (rows,)
        A column's codes, and the codes of offense and arrest beside them.
    """
    sums = np.empty((3, count), np.int64)
    sums[0] = np.bincount(codes, minlength=count)
    sums[1] = np.bincount(codes[offenses % 3 == 1], minlength=count)
    # bincount adds floats, which are exact for whole numbers below 2**53.
    sums[2] = np.bincount(codes, harm[offenses], count).astype(np.int64)
    return sums


def _open(target: Path, index: CodeIndex, name: str) -> Array:
    column = next(column for column in index.columns if column.name == name)
    if not index.rows:
        return np.empty(0, column.dtype)
    return np.memmap(target / column.file, column.dtype, "r", shape=(index.rows,))


def _chunks(codes: Array) -> Iterator[tuple[int, Array]]:
    step = CHUNK_BLOCKS * BLOCK_ROWS
    for start in range(0, len(codes), step):
        yield start, np.asarray(codes[start : start + step])


def codes_in_blocks(part: Array, codes: int) -> Array:
    """For each block the bits of its codes, highest first, or its least and greatest code."""
    rows = [part[start : start + BLOCK_ROWS] for start in range(0, len(part), BLOCK_ROWS)]
    if codes > MOST_PRESENT:
        return np.array([(row.min(), row.max()) for row in rows], np.int64).reshape(-1, 2)
    found = np.zeros((len(rows), codes), np.bool_)
    for number, row in enumerate(rows):
        found[number, row] = True
    return np.packbits(found, axis=1)


def harm_of_blocks(offenses: Array, harm: Ints) -> Ints:
    """Harm of each block of incidents."""
    starts = range(0, len(offenses), BLOCK_ROWS)
    return np.array(
        [harm[offenses[start : start + BLOCK_ROWS]].sum() for start in starts], np.int64
    )
