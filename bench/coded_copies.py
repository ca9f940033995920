"""Codes of very many incidents, written in a stream: those of a smaller warehouse several times.

Each stretch of time has the incidents of the same stretch there, as many times as it takes, in a
random order within its days. So codes, their frequencies and their order of storage are as in the
smaller one, and no step holds more than a stretch. The database beside them is that of the smaller
warehouse: a scan reads only its small tables.
"""

from __future__ import annotations

import json
import os
import shutil
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from analytics.crossfilter import codes
from analytics.crossfilter.code_files import CodeFiles
from analytics.crossfilter.code_sums import write_sums
from analytics.crossfilter.codes import DAY, FOLDER, INDEX, CodeIndex, harm_of_codes
from analytics.incidents.checksums import checksums
from analytics.incidents.warehouse import Snapshot, Warehouse
from bench.data import MARKER, bench_folder, warehouse_of

BASE = 8_000_000
STRETCH = 65_536
GENERATOR = 1


def copies_of(incidents: int) -> Path:
    """Home folder of a warehouse with codes of a number of incidents; written once and kept."""
    home = bench_folder() / f"codes-{incidents}"
    marker = {"generator": GENERATOR, "codes": codes.VERSION, "incidents": incidents}
    try:
        if json.loads((home / MARKER).read_text(encoding="utf-8")) == marker:
            return home
    except (FileNotFoundError, json.JSONDecodeError):
        pass
    shutil.rmtree(home, ignore_errors=True)
    base = Warehouse(warehouse_of(BASE)).current()
    if base is None:
        raise FileNotFoundError(f"the warehouse of {BASE:,} incidents holds no snapshot")
    _write(base, home, incidents)
    (home / MARKER).write_text(json.dumps(marker), encoding="utf-8")
    return home


def _write(base: Snapshot, home: Path, incidents: int) -> None:
    name = f"codes-{incidents}"
    folder = home / "snapshots" / name
    (folder / FOLDER).mkdir(parents=True)
    os.link(base.database, folder / base.database.name)
    index = _copy_codes(base, folder / FOLDER, incidents)
    with duckdb.connect(str(base.database), read_only=True) as connection:
        write_sums(folder / FOLDER, index, harm_of_codes(connection))
    index.write(folder / FOLDER / INDEX)
    found = checksums(folder)
    manifest = replace(base.manifest, id=name, incidents=incidents, checksums=found)
    manifest.write(folder / "manifest.json")
    (home / "current").write_text(name + "\n", encoding="utf-8")


def _copy_codes(base: Snapshot, target: Path, incidents: int) -> CodeIndex:
    files = CodeFiles(base)
    for column in files.index.columns:
        if column.values:
            shutil.copyfile(base.path / FOLDER / column.values, target / column.values)
    dice = np.random.default_rng(7)
    with ExitStack() as stack:
        written: dict[str, Any] = {
            column.name: stack.enter_context((target / column.file).open("wb"))
            for column in files.index.columns
        }
        for start in range(0, files.rows, STRETCH):
            stop = min(start + STRETCH, files.rows)
            order = _order(files, start, stop, incidents, dice)
            for name, handle in written.items():
                handle.write(np.asarray(files.codes(name)[start:stop])[order].tobytes())
    return replace(files.index, rows=incidents)


def _order(
    files: CodeFiles, start: int, stop: int, incidents: int, dice: np.random.Generator
) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Which incidents of a stretch come one after the other, by day."""
    before, after = (at * incidents // files.rows for at in (start, stop))
    copies = np.arange(after - before) % (stop - start)
    shuffled = dice.permutation(copies)
    days = np.asarray(files.codes(DAY)[start:stop])[shuffled]
    return shuffled[np.argsort(days, kind="stable")]
