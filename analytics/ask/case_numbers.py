"""Finds the incidents of a case; DuckDB alone would decompress every case number each time."""

from __future__ import annotations

from typing import Any

import numpy as np

from analytics.incidents.reader import SnapshotReader
from sql import load


class CaseNumbers:
    """Case numbers of a snapshot by their hashes: 4 bytes of memory for each incident."""

    def __init__(self, reader: SnapshotReader) -> None:
        self._reader = reader
        self._hashes = reader.frame(load("ask/hashes_of_cases"))["hash"].to_numpy()

    def incidents(self, case_number: str, most: int) -> list[dict[str, Any]]:
        """The first incidents of a case by id, with the columns of `ask/incident`."""
        wanted = self._reader.frame(load("ask/hash_of_case"), {"case_number": case_number})
        rows = np.flatnonzero(self._hashes == wanted["hash"][0]).tolist()
        if not rows:
            return []
        parameters = {"case_number": case_number, "rows": rows, "most": most}
        return self._reader.frame(load("ask/incidents_of_case"), parameters).to_dicts()
