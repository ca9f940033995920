"""Bundles, labels, trusted types and the measures of zones, without MLflow."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from sklearn.cluster import DBSCAN, KMeans, MiniBatchKMeans
from sklearn.ensemble import HistGradientBoostingRegressor

from analytics.artifacts.bundle import (
    Bundle,
    champion,
    champion_versions,
    cited_snapshots,
    set_champion,
    version_folder,
    write_bundle,
)
from analytics.artifacts.index import read_index, write_index
from analytics.artifacts.labels import label_places, score
from analytics.artifacts.metric import Metric
from analytics.errors import InputError, IntegrityError
from analytics.training.kinds import KINDS, kinds_of
from analytics.training.trusted import TRUSTED, dump_estimator

LABELS = pl.DataFrame(
    {
        "lat": [41.0, 41.1, 41.2],
        "lon": [-87.0, -87.1, -87.2],
        "x_m": [0.0, 100.0, 1000.0],
        "y_m": [0.0, 0.0, 0.0],
        "label": [0, 0, -1],
        "core": [True, False, False],
    }
)
FACTS = {
    "name": "zones_dbscan",
    "run_id": "r",
    "snapshot": "20261121",
    "selection": "",
    "source": "demo",
    "crs_local": "EPSG:32616",
    "code_version": "0",
    "trained": "2026-11-21T00:00:00+00:00",
    "person": "analyst",
    "parameters": {"eps_m": 100},
    "rule": {"kind": "nearest_core", "eps_m": 100},
    "metrics": {"pai": asdict(Metric("pai", 2.0, 1.5, 2.5))},
    "version": 7,
}


@pytest.fixture
def bundle(tmp_path: Path) -> Bundle:
    folder = version_folder(tmp_path, "zones_dbscan", 7)
    return write_bundle(folder, FACTS, {"labels": LABELS}, {"type": "FeatureCollection"})


def test_a_bundle_is_read_as_it_was_written(bundle: Bundle) -> None:
    again = Bundle.load(bundle.folder)
    assert (again.name, again.version, again.metrics["pai"].low) == ("zones_dbscan", 7, 1.5)
    assert again.table("labels").equals(LABELS)
    assert again.geojson == {"type": "FeatureCollection"}
    assert again.tables == ["labels"]


@pytest.mark.parametrize("name", ["labels.parquet", "zones.geojson"])
def test_a_bundle_that_was_changed_is_refused(bundle: Bundle, name: str) -> None:
    with (bundle.folder / name).open("ab") as handle:
        handle.write(b" ")
    with pytest.raises(IntegrityError, match=name):
        Bundle.load(bundle.folder)


def test_a_file_slipped_into_a_bundle_is_refused(bundle: Bundle) -> None:
    (bundle.folder / "model.pkl").write_bytes(b"")
    with pytest.raises(IntegrityError, match=r"model\.pkl"):
        Bundle.load(bundle.folder)


def test_a_bundle_of_another_format_is_refused(bundle: Bundle) -> None:
    path = bundle.folder / "bundle.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "format": 99}))
    with pytest.raises(IntegrityError, match="another version"):
        Bundle.load(bundle.folder)
    with pytest.raises(InputError, match="No model found"):
        Bundle.load(bundle.folder.parent / "8")


def test_the_champion_cites_the_snapshot_it_was_fitted_on(bundle: Bundle, tmp_path: Path) -> None:
    assert champion(tmp_path, "zones_dbscan") is None
    set_champion(tmp_path, bundle)
    assert champion_versions(tmp_path) == {"zones_dbscan": 7}
    assert cited_snapshots(tmp_path) == {"20261121"}
    found = champion(tmp_path, "zones_dbscan")
    assert found
    assert found.version == 7


def test_where_champion_json_is_lost_every_version_with_files_keeps_its_snapshot(
    bundle: Bundle, tmp_path: Path
) -> None:
    (tmp_path / "models" / "profiles").mkdir()  # nothing of it was ever exported
    assert cited_snapshots(tmp_path) == {"20261121"}
    later = version_folder(tmp_path, "zones_dbscan", 8)
    later.mkdir()
    assert cited_snapshots(tmp_path) is None
    (later / "bundle.json").write_text('{"snapshot": "20261128"}')
    assert cited_snapshots(tmp_path) == {"20261121", "20261128"}
    set_champion(tmp_path, bundle)
    newest = version_folder(tmp_path, "zones_dbscan", 10)
    newest.mkdir()
    assert cited_snapshots(tmp_path) == {"20261121", "20261128"}  # it may be promoted yet
    (newest / "bundle.json").write_text('{"snapshot": "20261130"}')
    assert cited_snapshots(tmp_path) == {"20261121", "20261130"}


def test_places_keep_their_label_and_new_ones_get_theirs_by_the_rule() -> None:
    places = pl.DataFrame(
        {
            "point_id": [0, 1, 2, 3, 4],
            "lat": [41.2, 41.1, 42.0, 42.1, 41.0],
            "lon": [-87.2, -87.1, -87.0, -87.0, -87.0],
            "x_m": [1000.0, 100.0, 60.0, 170.0, 0.0],
            "y_m": [0.0, 0.0, 80.0, 0.0, 0.0],
        }
    )
    # 2 is exactly 100 m from the core place; 3 is near a border place only, which does not count.
    found = label_places({"kind": "nearest_core", "eps_m": 100}, LABELS, places)
    assert found.rows() == [(1, "0"), (2, "0"), (4, "0")]


def test_every_rule_labels_new_places() -> None:
    xy = np.array([[90.0, 10.0], [1020.0, 5.0], [5000.0, 0.0]])
    centers = {"kind": "nearest_center", "centers": [[0.0, 0.0], [1000.0, 0.0]]}
    assert score(centers, LABELS, xy).tolist() == [0, 1, 1]
    assert score({"kind": "cell", "size_m": 100}, LABELS, xy).tolist() == [0, -1, -1]
    assert score(centers, LABELS, np.zeros((0, 2))).tolist() == []
    with pytest.raises(IntegrityError, match="neural"):
        score({"kind": "neural"}, LABELS, xy)


class NotTrusted:
    """A type that is on no list."""


def test_a_type_that_is_not_on_the_list_is_not_written(tmp_path: Path) -> None:
    path = tmp_path / "model.skops"
    with pytest.raises(IntegrityError, match="NotTrusted"):
        dump_estimator(NotTrusted(), path)
    assert not path.exists()


@pytest.mark.parametrize(
    "estimator",
    [
        KMeans(2, n_init=1, random_state=1),
        MiniBatchKMeans(2, n_init=1, random_state=1),
        DBSCAN(eps=1.0),
        HistGradientBoostingRegressor(loss="poisson", max_iter=3),
    ],
    ids=lambda one: type(one).__name__,
)
def test_our_estimators_are_read_as_they_were_written(tmp_path: Path, estimator: object) -> None:
    from skops.io import load

    features = np.random.default_rng(1).random((60, 2))
    estimator.fit(features, np.arange(60.0))  # type: ignore[attr-defined]
    dump_estimator(estimator, tmp_path / "model.skops")
    again = load(tmp_path / "model.skops", trusted=list(TRUSTED))
    if hasattr(estimator, "predict"):
        np.testing.assert_array_equal(again.predict(features), estimator.predict(features))
    else:
        np.testing.assert_array_equal(again.labels_, estimator.labels_)  # type: ignore[attr-defined]


def test_parameters_are_read_as_their_defaults_are() -> None:
    kind = KINDS["zones_kmeans"]
    assert kind.with_defaults({"k": "8"})["k"] == 8
    with pytest.raises(InputError, match="no parameter 'kk'"):
        kind.with_defaults({"kk": "8"})
    with pytest.raises(InputError, match="k=eight"):
        kind.with_defaults({"k": "eight"})
    with pytest.raises(InputError, match="Model not found: 'zones'"):
        kinds_of(["zones"])
    assert [kind.name for kind in kinds_of([])] == list(KINDS)


def test_the_index_is_read_without_the_registry(tmp_path: Path) -> None:
    assert read_index(tmp_path) == {"titles": {}, "versions": []}
    known, former = {"name": "zones_kmeans", "version": 1}, {"name": "former_model", "version": 1}
    write_index(tmp_path, {"zones_kmeans": "Zones", "former_model": "Former"}, [known, former])
    assert read_index(tmp_path) == {"titles": {"zones_kmeans": "Zones"}, "versions": [known]}
    (tmp_path / "models" / "index.json").write_text("{")
    with pytest.raises(IntegrityError, match="damaged"):
        read_index(tmp_path)


def test_what_web_workers_read_of_models_imports_nothing_heavy() -> None:
    program = (
        "import sys; import analytics.artifacts.bundle, analytics.artifacts.index, "
        "analytics.artifacts.labels, analytics.ingest.publication\n"
        "assert not {'mlflow', 'sklearn', 'skops'} & {*sys.modules}, sorted(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
