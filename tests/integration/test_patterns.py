"""Patterns from training to the selection: every incident has a cell, a lasso is a filter."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import polars as pl
import pytest

from analytics.artifacts.bundle import Bundle, champion
from analytics.crossfilter.scope import EVERYTHING
from analytics.crossfilter.selection import Selection
from analytics.crossfilter.sql_crossfilter import SqlCrossFilter
from analytics.crossfilter.views import view
from analytics.demo.build import build_demo
from analytics.demo.city import build_city
from analytics.demo.generate import generate
from analytics.demo.profile import DemoProfile
from analytics.incidents.reader import SnapshotReader
from analytics.incidents.warehouse import Snapshot, Warehouse
from analytics.ingest.pipeline import ingest
from analytics.patterns.columns import cells_of
from analytics.patterns.features import FeatureSpace, read_features
from analytics.patterns.names import attribute_of
from analytics.services import Pinned, Services
from analytics.settings import Settings
from analytics.sources.source import Source
from analytics.training.promote import promote
from analytics.training.registry import Version
from analytics.training.train import train
from callbacks.frame.history import SelectionState
from callbacks.frame.pages import page_at
from callbacks.frame.selection import respond_to
from jobs.queue import Queue
from tests.integration.redraws import page_outputs, redrawn
from tests.integration.small_snapshot import publish_small
from tests.integration.stored_models import parts

pytestmark = pytest.mark.timeout(900)  # four models are trained first
INCIDENTS = 12_000
UNTIL = date(2026, 10, 31)
SMALL = {
    "patterns_pca": {"sample": "900", "permutations": "20"},
    "patterns_umap": {"sample": "900"},
    "patterns_tsne": {"sample": "900"},
    "patterns_offense_profile": {"classes": "4"},
}

MAP = {"map", "map_hidden", "map_note", "map_numbers", "legend", "quality"}
COMPONENTS = {"scree", "scree_hidden", "scree_numbers", "axes"}


@dataclass(frozen=True)
class Story:
    """What was trained, promoted and loaded afterwards."""

    settings: Settings
    before: Snapshot
    promoted: Snapshot
    versions: dict[str, Version]
    loaded: Snapshot


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    folder = tmp_path_factory.mktemp("patterns")
    settings = Settings(home=folder / "home", user="analyst")
    build_demo(settings, INCIDENTS, 1, UNTIL, lambda _what, _share: None)
    warehouse = Warehouse(settings.home)
    before = warehouse.current()
    assert before
    versions = {name: train([name], settings, parameters=given)[0] for name, given in SMALL.items()}
    for version in versions.values():
        if not version.refused:
            promote(version.name, version.version, "It tells incidents apart", settings)
    promoted = warehouse.current()
    assert promoted
    _load_more(folder, settings)
    loaded = warehouse.current()
    assert loaded
    return Story(settings, before, promoted, versions, loaded)


def _load_more(folder: Path, settings: Settings) -> None:
    profile = DemoProfile.load()
    more = generate(profile, 700, 9, UNTIL, build_city(profile))
    rows = more.rows.with_columns(pl.col("ID").str.replace("D0", "D5"))
    rows.write_parquet(folder / "more.parquet")
    ingest([folder / "more.parquet"], Source.load("demo"), settings)


@pytest.fixture(scope="module")
def pinned(story: Story) -> Pinned:
    found = Services(story.settings).pin()
    assert found
    assert found.id == story.loaded.id
    return found


def bundle_of(story: Story, method: str) -> Bundle:
    found = champion(story.settings.home, f"patterns_{method}")
    assert found, story.versions[f"patterns_{method}"].refused
    return found


def column(snapshot: Snapshot, name: str) -> pl.Series:
    with duckdb.connect(str(snapshot.database), read_only=True) as connection:
        return connection.sql(f'SELECT "attr_{name}" AS label FROM incidents').pl()["label"]


@pytest.mark.parametrize("method", ["pca", "umap", "tsne", "offense_profile"])
def test_every_incident_has_a_place_also_those_loaded_later(story: Story, method: str) -> None:
    bundle_of(story, method)
    name = f"{method}_1"
    for snapshot in (story.promoted, story.loaded):
        labels = column(snapshot, name)
        assert len(labels) == snapshot.manifest.incidents
        assert not labels.null_count()
        assert name in {attribute.name for attribute in snapshot.manifest.attributes}
    assert story.loaded.manifest.incidents > story.promoted.manifest.incidents
    assert name not in {attribute.name for attribute in story.before.manifest.attributes}


@pytest.mark.parametrize("method", ["umap", "tsne"])
def test_incidents_keep_their_cells_when_others_are_loaded(story: Story, method: str) -> None:
    query = f'SELECT id, row_hash, "attr_{method}_1" AS cell FROM incidents'
    frames = []
    for snapshot in (story.promoted, story.loaded):
        with duckdb.connect(str(snapshot.database), read_only=True) as connection:
            frames.append(connection.sql(query).pl())
    both = frames[0].join(frames[1], on=["id", "row_hash"], suffix="_now")
    assert len(both) > INCIDENTS * 0.9
    assert both["cell"].equals(both["cell_now"].rename("cell"))


def test_fitted_incidents_lie_in_the_cell_of_their_own_place(story: Story) -> None:
    """Projected incidents get medians of others; fitted ones must keep their own coordinates."""
    bundle = bundle_of(story, "umap")
    space = FeatureSpace.from_frame(bundle.table("features"))
    sample = bundle.table("sample")
    cells = cells_of(bundle, space, space.codes(sample))
    grid = bundle.rule["grid"]
    column_ = np.floor((sample["x"].to_numpy() - grid["left"]) / grid["size"])
    row = np.floor((sample["y"].to_numpy() - grid["bottom"]) / grid["size"])
    same = (column_ == cells % 64) & (row == cells // 64)
    assert same.mean() > 0.98  # a few have the same features and different coordinates


def test_components_project_incidents_by_the_table_of_contributions(story: Story) -> None:
    """Against the features times the loadings, which the tables leave implicit."""
    bundle = bundle_of(story, "pca")
    adds = bundle.table("adds")
    with closing(SnapshotReader(story.promoted, story.settings)) as reader:
        features = next(iter(read_features(reader)))
    x = np.zeros(len(features))
    for (name,), part in adds.group_by("block", maintain_order=True):
        add = dict(part.select("value", "x").iter_rows())
        fallback = add.get("(other)", 0.0)
        values = features[str(name)].to_list()
        x += np.array([0.0 if one is None else add.get(one, fallback) for one in values])
    grid = bundle.rule["grid"]
    expected = np.clip(np.floor((x - grid["left"]) / grid["size"]), 0, 63)
    found = column(story.promoted, "pca_1").to_numpy() % 64
    assert (found == expected).mean() > 0.995  # float32 decides at the edges


@pytest.mark.parametrize("cells_chosen", [40, 64 * 64])
def test_a_lasso_counts_the_same_in_the_fast_scan_and_in_sql(
    pinned: Pinned, cells_chosen: int
) -> None:
    frame = pinned.crossfilter.counts(EVERYTHING, Selection.parse(""), [view("umap_1", ["umap_1"])])
    cells = frame["umap_1"].sort("incidents", descending=True).head(cells_chosen)
    text = "umap_1=" + ",".join(str(int(float(cell))) for cell in cells["umap_1"])
    chosen = Selection.parse(text, pinned.attributes)
    views = [view("type"), view("hour"), view("district"), view("total")]
    fast = pinned.crossfilter.counts(EVERYTHING, chosen, views)
    slow = SqlCrossFilter(pinned.reader).counts(EVERYTHING, chosen, views)
    for name, found in fast.items():
        assert found.equals(slow[name]), name
    assert fast["total"]["incidents"][0] == cells["incidents"].sum()


def test_a_offense_profile_is_chosen_by_its_name(story: Story, pinned: Pinned) -> None:
    names = bundle_of(story, "offense_profile").table("profiles")["name"]
    shown = pinned.crossfilter.counts(
        EVERYTHING, Selection.parse(""), [view("offense_profile_1", pinned.attributes)]
    )["offense_profile_1"]
    assert set(shown["offense_profile_1"]) <= set(names)
    labels = column(story.loaded, "offense_profile_1")
    for name, incidents in shown.select("offense_profile_1", "incidents").iter_rows():
        assert incidents == (labels == name).sum()


def test_a_clause_names_the_version(story: Story, pinned: Pinned) -> None:
    assert attribute_of("patterns_umap", 3).name == "umap_3"
    clause = Selection.parse("umap_1=7", pinned.attributes)
    assert clause.text == "umap_1=7"


@pytest.mark.parametrize("name", list(SMALL))
def test_what_a_version_measured_is_in_its_run(story: Story, name: str) -> None:
    metrics = story.versions[name].metrics
    assert metrics["incidents"].value == story.before.manifest.incidents
    assert metrics["stability"].low is not None
    if name in ("patterns_umap", "patterns_tsne"):
        for figure in ("trustworthiness", "continuity", "trustworthiness_placed"):
            assert 0.5 < metrics[figure].value <= 1.0
            assert metrics[figure].low is not None
    assert not any("silhouette" in metric for metric in metrics)


@pytest.mark.parametrize(
    ("changes", "outputs"),
    [
        ({"method": "pca"}, MAP | {"choices", "missing"}),
        ({"draw": "density"}, MAP | {"choices"}),
        ({"color": "hour"}, MAP | {"choices"}),
        ({"axes": "3"}, MAP | {"choices"}),
        ({"tool": "select"}, MAP | {"choices"}),
        ({"theme": "dark"}, MAP | COMPONENTS),
        ({"narrow": "1"}, set()),
    ],
)
def test_an_option_redraws_what_it_is_about_alone(
    story: Story, changes: dict[str, str], outputs: set[str]
) -> None:
    services = Services(story.settings)
    assert redrawn(services, "/patterns", changes, "type=THEFT", method="umap") == outputs


@pytest.mark.parametrize(
    ("gesture", "outputs"),
    [
        ({"action": "page", "changed": ["poll"]}, {"missing"}),
        ({"action": "act", "name": "cancel", "values": {"job": "7"}}, {"missing"}),
        ({"action": "only", "dimension": "type", "keys": ["THEFT"]},
         MAP | {"choices", "missing", "offense_profile"}),
    ],
)  # fmt: skip
def test_polls_forms_and_selections_redraw_what_they_are_about_alone(
    story: Story, gesture: dict[str, Any], outputs: set[str]
) -> None:
    services, page = Services(story.settings), page_at("/patterns")
    assert page
    state = SelectionState(snapshot=services.warehouse.current_id())
    came = respond_to(services, page, {"n": 1, **gesture}, state)
    assert set(came) & page_outputs("/patterns") == outputs


@pytest.mark.parametrize("output", ["axes", "offense_profile"])
def test_a_model_whose_training_ended_without_a_version_can_be_trained_again(
    settings: Settings, output: str
) -> None:
    publish_small(settings.home)
    services, page = Services(settings), page_at("/patterns")
    assert page
    state = SelectionState(snapshot=services.warehouse.current_id())

    def button(**gesture: Any) -> Any:
        shown = respond_to(services, page, {"n": 1, **gesture}, state)
        return next(one for one in parts(shown[output]) if getattr(one, "name", "") == "model")

    offered = button(action="open", text="")
    assert not offered.disabled
    assert button(action="act", name="train", values={"model": offered.value}).disabled
    assert button(action="page", changed=["poll"]).disabled
    queue = Queue(services.state)
    queue.cancel(queue.latest()[0].id)
    assert not button(action="page", changed=["poll"]).disabled
    assert not button(action="only", dimension="type", keys=["THEFT"]).disabled


def test_another_version_takes_the_place_of_the_one_before(story: Story) -> None:
    (again,) = train(["patterns_offense_profile"], story.settings, parameters={"classes": "5"})
    promote(again.name, again.version, "Fewer are easier to name", story.settings)
    now = Warehouse(story.settings.home).current()
    assert now
    names = {attribute.name for attribute in now.manifest.attributes}
    assert "offense_profile_2" in names
    assert "offense_profile_1" not in names
    assert "umap_1" in names
    assert column(now, "offense_profile_2").n_unique() == 5
    assert column(story.loaded, "offense_profile_1").n_unique() == 4  # the one before is untouched
