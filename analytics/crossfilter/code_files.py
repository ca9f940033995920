"""Memory-mapped codes of one snapshot; all workers share them in the page cache."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import polars as pl

from analytics.crossfilter.code_sums import BLOCK_ROWS, MOST_PRESENT
from analytics.crossfilter.codes import CELL, FOLDER, INDEX, OFFENSE, CodeColumn, CodeIndex
from analytics.incidents.warehouse import Snapshot

Array = np.ndarray[Any, Any]
Bools = np.ndarray[Any, np.dtype[np.bool_]]
Value = TypeVar("Value")


@dataclass(frozen=True)
class CodeBlocks:
    """Codes that occur in each block of incidents; results have shape (blocks,)."""

    codes: int
    table: Array

    def any_of(self, chosen: Bools) -> Bools:
        """Whether any chosen code may occur in each block; exact for columns of few codes."""
        if self.codes > MOST_PRESENT:
            found: Bools = self._within(chosen) > 0
            return found
        return np.asarray((self.table & np.packbits(chosen)).any(axis=1))

    def none_but(self, chosen: Bools) -> Bools:
        """Whether only chosen codes can occur in each block."""
        return ~self.any_of(~chosen)

    def _within(self, chosen: Bools) -> Array:
        before = np.concatenate([[0], np.cumsum(chosen)])
        within: Array = before[self.table[:, 1] + 1] - before[self.table[:, 0]]
        return within


class CodeFiles:
    """Reads each file at first use, and keeps it mapped."""

    def __init__(self, snapshot: Snapshot) -> None:
        """Open the index, and check sizes and each column's greatest code.

        Raises
        ------
        OSError, ValueError, KeyError, TypeError
            There are no codes, they have another version, or a file is damaged.
        """
        self._folder = snapshot.path / FOLDER
        self.index = CodeIndex.read(self._folder / INDEX)
        self.rows = self.index.rows
        self.columns: dict[str, CodeColumn] = {column.name: column for column in self.index.columns}
        self._lock = threading.RLock()
        self._loaded: dict[tuple[str, str], Any] = {}
        for column in self.index.columns:
            self._check(column)

    def codes(self, name: str) -> Array:
        """Codes of all incidents, mapped; shape (rows,)."""

        def read() -> Array:
            column = self.columns[name]
            if not self.rows:
                return np.empty(0, column.dtype)
            return np.memmap(self._folder / column.file, column.dtype, "r", shape=(self.rows,))

        return self._get_or_load("codes", name, read)

    def sums(self, name: str) -> Array:
        """Incidents, arrests and harm by code; int64, shape (3, codes)."""
        return self._get_or_load("sums", name, lambda: self._load(f"{name}.sums.npy"))

    def blocks(self, name: str) -> CodeBlocks:
        """Codes of each block."""
        return self._get_or_load(
            "blocks",
            name,
            lambda: CodeBlocks(self.columns[name].codes, self._load(f"{name}.blocks.npy")),
        )

    def harm_of_blocks(self) -> Array:
        """Harm of each block; int64, shape (blocks,)."""
        return self._get_or_load("blocks", "harm", lambda: self._load("harm.blocks.npy"))

    def values(self, name: str) -> pl.DataFrame:
        """`value` and its `text` in the order of codes, without the unknown one."""
        path = self._folder / self.columns[name].values
        return self._get_or_load("values", name, lambda: pl.read_parquet(path))

    def cells(self) -> Array:
        """Column and row of each cell; int64, shape (cells, 2)."""
        return self._get_or_load("cells", "", lambda: self._load("cell.npy"))

    def _load(self, file: str) -> Array:
        loaded: Array = np.load(self._folder / file)
        return loaded

    def _get_or_load(self, kind: str, name: str, read: Callable[[], Value]) -> Value:
        with self._lock:
            if (kind, name) not in self._loaded:
                self._loaded[(kind, name)] = read()
            value: Value = self._loaded[(kind, name)]
            return value

    def _check(self, column: CodeColumn) -> None:
        """Check the sizes of a column's files, and that its tables have a row for every code."""
        expected = self.rows * np.dtype(column.dtype).itemsize
        found = (self._folder / column.file).stat().st_size
        if found != expected:
            raise ValueError(f"{column.file} has {found:,} bytes, not {expected:,}")
        blocks = -(-self.rows // BLOCK_ROWS)
        width = 2 if column.codes > MOST_PRESENT else -(-column.codes // 8)
        self._check_shape(f"{column.name}.sums.npy", (3, column.codes))
        self._check_shape(f"{column.name}.blocks.npy", (blocks, width))
        if column.name == OFFENSE:
            self._check_shape("harm.blocks.npy", (blocks,))
        if column.name == CELL:
            self._check_shape(column.values, (column.codes - 1, 2))
        if self.rows and (greatest := int(self.codes(column.name).max())) >= column.codes:
            raise ValueError(f"{column.file} holds code {greatest:,} of {column.codes:,}")

    def _check_shape(self, file: str, expected: tuple[int, ...]) -> None:
        """Check a file's shape; it is mapped, so only its header is read."""
        found = np.load(self._folder / file, mmap_mode="r").shape
        if found != expected:
            raise ValueError(f"{file} has shape {found}, not {expected}")
