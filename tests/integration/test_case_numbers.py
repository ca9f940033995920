"""The incidents of a case, compared with looking at every incident."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pytest

from analytics.ask.case_numbers import CaseNumbers
from analytics.incidents.reader import SnapshotReader
from analytics.services import Pinned


@pytest.fixture(scope="module")
def reader(pinned: Pinned) -> SnapshotReader:
    return pinned.reader


@pytest.fixture(scope="module")
def by_case(reader: SnapshotReader) -> dict[str, list[str]]:
    """Ids of the incidents of each case, in their order."""
    found: dict[str, list[str]] = defaultdict(list)
    rows = reader.frame("SELECT case_number, id FROM incidents WHERE case_number IS NOT NULL")
    for case_number, id_ in rows.iter_rows():
        found[case_number].append(id_)
    return {case_number: sorted(ids) for case_number, ids in found.items()}


def ids(cases: CaseNumbers, case: str, most: int = 100) -> list[str]:
    return [incident["id"] for incident in cases.incidents(case, most)]


def test_every_case_has_the_incidents_that_carry_its_number(
    reader: SnapshotReader, by_case: dict[str, list[str]]
) -> None:
    shared = [case for case, ids in by_case.items() if len(ids) > 1]
    assert shared
    cases = CaseNumbers(reader)
    for case in [*shared[:20], *sorted(by_case)[::200]]:
        assert ids(cases, case) == by_case[case]
        assert ids(cases, case, 1) == by_case[case][:1]
    assert ids(cases, "JF000000X") == []


def test_a_case_whose_number_has_the_hash_of_others_has_its_own_incidents(
    reader: SnapshotReader, by_case: dict[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    cases = CaseNumbers(reader)
    case = min(by_case)
    hash_ = cases._hashes[
        reader.frame("SELECT rowid FROM incidents WHERE case_number = $case", {"case": case})[
            "rowid"
        ][0]
    ]
    monkeypatch.setattr(cases, "_hashes", np.full_like(cases._hashes, hash_))
    assert ids(cases, case) == by_case[case]
