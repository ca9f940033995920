"""Beats beside all that are possible, their limits, and the published beats of Carrollton."""

from __future__ import annotations

import csv
import itertools
import zipfile
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import numpy.typing as npt
import pyogrio
import pytest
import shapely
from scipy import sparse
from scipy.sparse.csgraph import connected_components, dijkstra
from scipy.spatial import cKDTree

from analytics.errors import InputError
from analytics.patrol.beat_areas import BeatAreas, neighbors, read_beat_areas
from analytics.patrol.beat_design import BeatProblem, bridges, design_beats, measured
from tests.unit.analytics.patrol.test_visits import MANIFEST

Pairs = list[tuple[int, int]]


def grid(side: int, number: int, imbalance: float, seed: int = 1) -> BeatProblem:
    places = np.array(list(itertools.product(range(side), repeat=2)), dtype=np.float64)
    minutes = np.abs(places[:, None] - places[None]).sum(axis=2)
    pairs = [(one, other) for one, other in np.argwhere(minutes == 1).tolist() if one < other]
    work = np.random.default_rng(seed).integers(1, 10, side**2).astype(np.float64)
    return BeatProblem(minutes, work, pairs, number, imbalance)


def pieces(pairs: Pairs, members: npt.NDArray[np.int64], areas: int) -> int:
    ends = np.array(pairs)
    links = sparse.coo_array((np.ones(len(ends)), (ends[:, 0], ends[:, 1])), shape=(areas, areas))
    return int(connected_components(links.tocsr()[members][:, members], directed=False)[0])


def test_beats_are_the_best_of_all_that_are_possible() -> None:
    problem = grid(3, 2, 0.2)
    low, high = problem.limits
    best = np.inf
    for bits in itertools.product((0, 1), repeat=8):
        beat = np.array([0, *bits])
        if not beat.any():
            continue
        parts = [np.flatnonzero(beat == own) for own in (0, 1)]
        loads = [problem.work[part].sum() for part in parts]
        if all(low <= load <= high for load in loads) and all(
            pieces(list(problem.pairs), part, 9) == 1 for part in parts
        ):
            best = min(best, measured(problem, beat).minutes)
    assert design_beats(problem, 1, steps=20_000).minutes == pytest.approx(best)


@pytest.mark.parametrize("seed", range(3))
def test_beats_are_in_one_piece_and_within_their_limits(seed: int) -> None:
    problem = grid(7, 5, 0.1, seed)
    found = design_beats(problem, seed, steps=60_000)
    low, high = problem.limits
    assert low <= found.loads.min() <= found.loads.max() <= high
    assert found.loads.sum() == problem.work.sum()
    for own in range(5):
        members = np.flatnonzero(found.beat == own)
        assert found.centers[own] in members
        assert pieces(list(problem.pairs), members, 49) == 1
    assert np.array_equal(found.beat, design_beats(problem, seed, steps=60_000).beat)


def test_an_island_is_joined_to_the_nearest_area_and_named() -> None:
    places = np.array([0.0, 1, 2, 3, 10])
    minutes = np.abs(places[:, None] - places[None])
    pairs = [(0, 1), (1, 2), (2, 3)]
    assert bridges(pairs, minutes) == [(4, 3)]
    found = design_beats(BeatProblem(minutes, np.ones(5), pairs, 2, 0.3), 1, steps=2_000)
    assert found.bridges == ((4, 3),)
    assert sorted(found.loads) == [2, 3]


@pytest.mark.parametrize(
    ("work", "number", "imbalance", "message"),
    [
        ([1, 1, 1], 4, 0.1, "4 beats cannot be made of 3 areas"),
        ([9, 1, 1], 2, 0.1, "One area has 1.64 times the work"),
        ([2, 2, 2], 2, 0.1, "No beats in one piece were found"),
    ],
)
def test_what_cannot_be_is_said(
    work: list[int], number: int, imbalance: float, message: str
) -> None:
    minutes = np.ones((3, 3)) - np.eye(3)
    with pytest.raises(InputError, match=message):
        design_beats(
            BeatProblem(minutes, np.array(work, float), [(0, 1), (1, 2)], number, imbalance),
            1,
            steps=1_000,
        )


def test_neighbors_share_a_border_across_small_gaps_but_not_a_corner() -> None:
    squares = [shapely.box(x, y, x + 500, y + 500) for x, y in ((0, 0), (510, 0), (500, 505))]
    assert neighbors(squares) == [(0, 1), (1, 2)]


@pytest.mark.parametrize("degrees", [0, 15, 45])
def test_areas_that_touch_only_at_a_corner_are_no_neighbors(degrees: float) -> None:
    """A grid of 3 × 3 squares with exact corners has 12 borders; nothing else is next to it."""
    steps = list(itertools.product(range(3), repeat=2))
    squares = [shapely.box(400 * x, 400 * y, 400 * x + 400, 400 * y + 400) for x, y in steps]
    turned = [shapely.affinity.rotate(one, degrees, origin=(0, 0)) for one in squares]
    beside = [
        (one, other)
        for (one, (x, y)), (other, (x_2, y_2)) in itertools.combinations(enumerate(steps), 2)
        if abs(x - x_2) + abs(y - y_2) == 1
    ]
    assert len(beside) == 12
    assert neighbors(turned) == beside


@pytest.mark.parametrize("degrees", [0, 15, 45])
@pytest.mark.parametrize("gap_m", [0, 10, 20, 24])
@pytest.mark.parametrize(("shared_m", "expected"), [(40, []), (60, [(0, 1)])])
def test_a_border_has_a_least_length(
    degrees: float, gap_m: float, shared_m: float, expected: Pairs
) -> None:
    """Two squares side by side, of which one is moved along their common side."""
    left, low = 400 + gap_m, 400 - shared_m
    squares = [shapely.box(0, 0, 400, 400), shapely.box(left, low, left + 400, low + 400)]
    turned = [shapely.affinity.rotate(one, degrees, origin=(0, 0)) for one in squares]
    assert neighbors(turned) == expected


@pytest.mark.parametrize(
    ("first", "last", "days"), [("2026-01-01", "2026-10-20", 293), ("", "", 0)]
)
def test_fewer_complete_days_than_a_year_are_refused(first: str, last: str, days: int) -> None:
    manifest = replace(MANIFEST, first=first, last=last, provisional_from=None)
    snapshot = SimpleNamespace(manifest=manifest, outline=lambda _level: Path("beats.geojson"))
    reader: Any = SimpleNamespace(snapshot=snapshot)
    travel: Any = None
    with pytest.raises(InputError, match=f"last 364 complete days; this data has {days}"):
        read_beat_areas(reader, "beat", "district", travel)


def test_the_larger_areas_in_use_are_measured_in_the_same_way() -> None:
    problem = grid(2, 2, 0.5)
    areas = BeatAreas(
        "beat", tuple("abcd"), problem.work, problem.minutes, [], ("1", "1", "2", ""), "distance", 0
    )
    now = areas.now()
    assert now is not None
    assert now.loads.tolist() == [problem.work[:2].sum(), problem.work[2]]
    assert replace(areas, parent=("", "", "", "")).now() is None


@pytest.mark.real_data
def test_carrollton_s_beats_are_nearer_than_the_published_ones(
    real_data: Path, tmp_path: Path
) -> None:
    """Wheeler (2019): 12 beats within 10% of equal calls, by a mixed-integer program.

    Both are measured by the same minutes on the same streets. Not all published beats are in one
    piece by the same list of neighbors; ours are.
    """
    with zipfile.ZipFile(real_data / "network" / "carrollton.zip") as packed:
        packed.extractall(tmp_path)
    folder = tmp_path / "carrollton"
    rows = pyogrio.read_arrow(folder / "RA_Centroids.dbf")[1].to_pylist()
    with (folder / "PMed_Results1.csv").open() as file:
        published = [(int(row["source"]), int(row["dest"])) for row in csv.DictReader(file)]
    places = {dest: number for number, (_, dest) in enumerate(published)}
    by_id = {row["NumberId"]: row for row in rows}
    own = [by_id[dest] for _, dest in published]
    centers = sorted({source for source, _ in published})
    beat = np.array([centers.index(source) for source, _ in published])
    links = pyogrio.read_arrow(folder / "RA_ContMat.dbf")[1].to_pylist()
    pairs = {(int(link["NUMBERID"]), int(link["NID"])) for link in links}
    problem = BeatProblem(
        street_minutes(folder, np.array([[row["XFeet"], row["YFeet"]] for row in own])),
        np.array([float(row["Cnt_ra"] or 0) for row in own]),
        [(places[a], places[b]) for a, b in pairs if a < b and a in places and b in places],
        len(centers),
        0.1,
    )
    theirs, ours = measured(problem, beat), design_beats(problem, 1)
    assert len(centers) == 12
    assert theirs.minutes == pytest.approx(1.56, abs=0.01)
    assert ours.minutes < 0.98 * theirs.minutes
    assert abs(ours.loads / problem.mean - 1).max() <= 0.1


def street_minutes(folder: Path, xy: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Minutes by the centerlines' own minutes, between the nearest nodes of their largest part."""
    table = pyogrio.read_arrow(folder / "StreetCenterlines.shp")[1]
    lines = [
        (line, minutes)
        for shape, minutes in zip(
            shapely.from_wkb(table["wkb_geometry"].to_pylist()),
            table["Minutes"].to_pylist(),
            strict=True,
        )
        if (line := shapely.line_merge(shape)).geom_type == "LineString"
    ]
    ends = np.array([[line.coords[0][:2], line.coords[-1][:2]] for line, _ in lines])
    nodes, at = np.unique(ends.reshape(-1, 2).round(), axis=0, return_inverse=True)
    at = at.reshape(-1, 2)
    weights = np.maximum([minutes for _, minutes in lines], 1e-6)
    graph = sparse.csr_array((weights, (at[:, 0], at[:, 1])), shape=(len(nodes), len(nodes)))
    part = connected_components(graph, directed=False)[1]
    main = np.flatnonzero(part == np.bincount(part).argmax())
    nearest = main[cKDTree(nodes[main]).query(xy)[1]]
    return np.asarray(dijkstra(graph, directed=False, indices=nearest)[:, nearest])
