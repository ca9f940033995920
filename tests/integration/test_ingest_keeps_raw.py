"""No ingest, failing or not, removes raw rows that a snapshot cites, whatever is damaged."""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from analytics.errors import PatrolIQError
from analytics.incidents import warehouse
from analytics.incidents.warehouse import KEEP_LAST, UNPUBLISHED, Warehouse
from analytics.ingest import pipeline
from analytics.ingest.pipeline import ingest
from analytics.settings import Settings
from analytics.sources.source import Source
from tests.integration.damage import (
    MODEL,
    STATES,
    TOWN,
    build_warehouse,
    copied,
    flip,
    incidents,
    source,
)

OTHER = TOWN.replace('name = "town"', 'name = "village"')
MANIFESTS = ["newest manifest", "oldest manifest", "champion's manifest"]
PLACE = st.floats(0, 1, exclude_max=True)
DAMAGE = st.tuples(
    st.sampled_from([*MANIFESTS, "pointer", "champion"]),
    st.sampled_from([*STATES, "flipped byte"]),
    PLACE,
) | st.tuples(st.sampled_from(MANIFESTS), st.just("wrong batch"), PLACE)
FATES = st.sampled_from(["good", "bad file", "other source", "replace", "dies", "dies unpublished"])
STEPS = st.lists(st.tuples(st.none() | DAMAGE, FATES), min_size=1, max_size=3)


class DiedError(BaseException):
    """The process is killed here."""


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_warehouse(tmp_path_factory.mktemp("whole"))


@pytest.fixture(scope="module")
def marked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three snapshots: of batch 1, of batches 1 and 2 (the champion's), and of batch 3 alone.

    All batches have the mark that a crash after the publication leaves.
    """
    folder = tmp_path_factory.mktemp("marked")
    home = build_warehouse(folder)
    third = incidents(folder / "third.csv", 40)
    ingest([third], source(), Settings(home=home), replace=True)
    for batch in (home / "raw").iterdir():
        (batch / UNPUBLISHED).touch()
    return home


def cited(home: Path) -> dict[str, set[str]]:
    """Batches by the folder of the snapshot that cites them."""
    return {
        manifest.id: {batch.id for batch in manifest.batches} for manifest in Warehouse(home).list()
    }


def digests(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file() and path.name != UNPUBLISHED
    }


def damage(home: Path, what: str, how: str, where: float) -> None:
    champion = home / "models" / MODEL / "champion.json"
    if what == "champion's manifest":
        of_champion = json.loads(champion.read_text())["snapshot"]
        path = home / "snapshots" / of_champion / "manifest.json"
    elif what.endswith("manifest"):
        manifests = sorted((home / "snapshots").glob("*/manifest.json"))
        path = manifests[-1 if what.startswith("newest") else 0]
    else:
        path = champion if what == "champion" else home / "current"
    if how == "flipped byte":
        flip(path, int(where * path.stat().st_size), 0b1)
    elif how == "wrong batch":
        manifest = json.loads(path.read_text())
        batch = manifest["batches"][int(where * len(manifest["batches"]))]
        batch["id"] = batch["id"][:-1] + ("1" if batch["id"].endswith("0") else "0")
        path.write_text(json.dumps(manifest))
    else:
        STATES[how](path)


@contextmanager
def killed(fate: str) -> Iterator[None]:
    """Die when raw rows are kept, before or after the snapshot is published."""
    with pytest.MonkeyPatch.context() as patch:
        publish = pipeline.publish_and_log

        def die(*arguments: object, **options: object) -> object:
            if fate == "dies":
                publish(*arguments, **options)  # type: ignore[arg-type]
            raise DiedError

        if fate.startswith("dies"):
            patch.setattr(pipeline, "publish_and_log", die)
        yield


def attempt(home: Path, folder: Path, fate: str, number: int) -> None:
    path = incidents(folder / f"more{number}.csv", 1_000 * (number + 1))
    if fate == "bad file":
        path.write_bytes(b"\x1f\x8b broken")
    chosen = Source.parse(OTHER, Path("village.toml")) if fate == "other source" else source()
    try:
        with killed(fate):
            ingest([path], chosen, Settings(home=home), replace=fate == "replace")
    except (PatrolIQError, DiedError):
        pass


@given(steps=STEPS)
@example(steps=[(("champion's manifest", "other text", 0), "good")])
@example(steps=[(("champion's manifest", "wrong batch", 0), "good")])
@example(steps=[(("champion's manifest", "wrong batch", 0.5), "dies unpublished")])
@examples(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
def test_no_ingest_removes_raw_rows_that_a_snapshot_cites(
    marked: Path, steps: list[tuple[tuple[str, str, float] | None, str]]
) -> None:
    with tempfile.TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
        patch.setattr(warehouse, "KEEP_LAST", 1)
        home = copied(marked, Path(name))
        batches, rows = cited(home), digests(home / "raw")
        for number, (wrong, fate) in enumerate(steps):
            if wrong is not None:
                with suppress(OSError, ValueError, LookupError, TypeError):  # damaged before
                    damage(home, *wrong)
            attempt(home, Path(name), fate, number)
            after = digests(home / "raw")
            left = {path.name for path in (home / "snapshots").iterdir()} & batches.keys()
            needed = set().union(*(batches[snapshot] for snapshot in left))
            assert {
                name: digest for name, digest in rows.items() if name.partition("/")[0] in needed
            }.items() <= after.items()
            batches, rows = cited(home) | batches, after | rows


def test_rows_of_an_ingest_that_died_go_with_the_next_one(whole: Path, tmp_path: Path) -> None:
    home = copied(whole, tmp_path)
    attempt(home, tmp_path, "dies unpublished", 0)
    assert len(list((home / "raw").iterdir())) == 3
    attempt(home, tmp_path, "good", 1)
    assert {path.name for path in (home / "raw").iterdir()} == set().union(*cited(home).values())
    assert not list((home / "raw").glob(f"*/{UNPUBLISHED}"))


def test_rows_go_with_the_last_snapshot_that_cites_them(whole: Path, tmp_path: Path) -> None:
    home = copied(whole, tmp_path)
    (home / "models" / MODEL / "champion.json").unlink()
    old = [batch for batches in cited(home).values() for batch in batches]
    for number in range(KEEP_LAST + 1):
        attempt(home, tmp_path, "replace", number)
    assert len(cited(home)) == KEEP_LAST
    assert {path.name for path in (home / "raw").iterdir()} == set().union(*cited(home).values())
    assert not set(old) & {path.name for path in (home / "raw").iterdir()}


@pytest.mark.parametrize("what", ["oldest manifest", "champion"])
def test_nothing_is_removed_while_something_is_unreadable(
    whole: Path, tmp_path: Path, what: str
) -> None:
    home = copied(whole, tmp_path)
    rows = digests(home / "raw")
    damage(home, what, "binary", 0)
    for number in range(KEEP_LAST + 1):
        attempt(home, tmp_path, "good", number)
    assert len(list((home / "snapshots").iterdir())) == 2 + KEEP_LAST + 1
    assert rows.items() <= digests(home / "raw").items()


def test_the_report_names_the_manifest_that_keeps_everything(whole: Path, tmp_path: Path) -> None:
    home = copied(whole, tmp_path)
    damage(home, "oldest manifest", "missing", 0)
    path = incidents(tmp_path / "more.csv", 500)
    report = ingest([path], source(), Settings(home=home))
    assert report.published
    (note,) = report.notes
    assert min(cited(home)) not in note.subject
    assert "manifest.json is missing" in note.subject
