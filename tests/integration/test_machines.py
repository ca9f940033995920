"""A web machine serves what the publisher pushed, whole, and nothing else gets onto it."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import time
import zlib
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from analytics import publisher
from analytics.errors import (
    BusyError,
    DamagedError,
    InputError,
    IntegrityError,
    NotPublisherError,
    UnavailableError,
)
from analytics.incidents.retracted import RetractedIds
from analytics.incidents.warehouse import Warehouse
from analytics.machines import push as push_module
from analytics.machines import push_list
from analytics.machines.pull import Puller
from analytics.machines.push import Pusher
from analytics.machines.push_list import BLOCK_BYTES, LATEST, Push, PushedFile, read_push
from analytics.machines.storage import Storage
from analytics.publisher import read_pulled
from analytics.settings import Settings
from tests.integration.small_snapshot import publish_small

VERSION = Path("models") / "kmeans" / "3"


class Machines:
    """A publisher, a storage in a folder, and a web machine."""

    def __init__(self, folder: Path, published: Path) -> None:
        self.settings = Settings(home=folder / "publisher")
        self.web = Settings(home=folder / "web")
        self.store = folder / "store"
        self.address = f"file://{self.store}"
        shutil.copytree(published, self.settings.home)
        self.write(VERSION / "bundle.json", b'{"version": 3}')
        self.write(VERSION / "zones.parquet", os.urandom(3 * BLOCK_BYTES + 17))
        self.write(Path("models/kmeans/champion.json"), b'{"version": 3}')
        self.write(Path("layers/index.json"), b"{}")

    def write(self, name: Path, content: bytes) -> None:
        path = self.settings.home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    def pusher(self, keep: int = 5) -> Pusher:
        return Pusher(self.settings, self.address, keep)

    def puller(self, settings: Settings | None = None) -> Puller:
        return Puller(settings or self.web, self.address)

    def push_and_pull(self) -> None:
        self.pusher().push()
        self.puller().pull()

    def served(self) -> str | None:
        return Warehouse(self.web.home).current_id()

    def newest(self) -> Push:
        storage = Storage(self.address)
        latest = push_list.latest_id(storage)
        assert latest is not None
        return read_push(storage, *latest)[0]

    def forge(self, change: Callable[[dict], None]) -> None:
        """Replace the newest list by one of somebody who can write to the storage."""
        push = self.newest()
        document = {"format": push_list.FORMAT, **asdict(push)}
        change(document)
        packed = zlib.compress(json.dumps(document).encode())
        path = self.store / push_list.list_name(push.id)
        path.write_bytes(packed)
        digest = hashlib.sha256(packed).hexdigest()
        (self.store / LATEST).write_text(f"{push.id} {digest}\n")


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home folder with a snapshot."""
    home = tmp_path_factory.mktemp("published")
    publish_small(home)
    return home


@pytest.fixture
def machines(tmp_path: Path, published: Path) -> Machines:
    return Machines(tmp_path, published)


def needed(home: Path) -> dict[str, bytes]:
    """Content by name of everything that a web machine has besides its own."""
    own = ("state.db", "state.lock", "lock", "pulled.json", "push.lock", "staging")
    return {
        path.relative_to(home).as_posix(): path.read_bytes()
        for path in home.rglob("*")
        if path.is_file() and path.relative_to(home).parts[0].partition("-")[0] not in own
    }


def test_a_web_machine_serves_the_same_files(machines: Machines) -> None:
    machines.push_and_pull()
    assert needed(machines.web.home) == needed(machines.settings.home)
    served = Warehouse(machines.web.home).current()
    assert served is not None
    assert served.changed() == []
    pulled = read_pulled(machines.web.home)
    assert pulled is not None
    assert (pulled.snapshot, pulled.address) == (served.id, machines.address)


def test_keys_state_inbox_uploads_and_raw_rows_never_leave_the_publisher(
    machines: Machines,
) -> None:
    private = ("secret.key", "audit.key", "audit.anchor", "state.db", "accounts", "inbox/a.jsonl",
               "uploads/b/file", "raw/c/rows.parquet", "retracted/key", "mlflow.db",
               "briefings/d.pdf", "scoped/e/incidents.duckdb", "layers/adding-x/part",
               "models/kmeans/champion.json.0a1b2c3d")  # fmt: skip
    secret = b"not for others" * 3
    for name in private:
        machines.write(Path(name), secret)
    machines.push_and_pull()
    assert not [name for name in private if name in machines.newest().files]
    stored = [path.read_bytes() for path in (machines.store / "blocks").rglob("*.z")]
    assert secret not in [zlib.decompress(one) for one in stored]


def test_only_blocks_that_changed_are_sent_and_read(machines: Machines) -> None:
    machines.push_and_pull()
    model = VERSION / "zones.parquet"
    content = bytearray((machines.settings.home / model).read_bytes())
    content[BLOCK_BYTES + 5] ^= 1
    machines.write(model, bytes(content))
    sent = machines.pusher().push()
    assert (sent.is_new, sent.sent_blocks) == (True, 1)
    read = machines.puller().pull()
    assert (read.is_new, read.read_blocks, read.written_files) == (True, 1, 2)
    assert (machines.web.home / model).read_bytes() == bytes(content)


def test_nothing_new_sends_and_reads_nothing(machines: Machines) -> None:
    machines.push_and_pull()
    before = machines.newest().id
    assert not machines.pusher().push().is_new
    assert machines.newest().id == before
    looked = machines.puller().pull()
    assert (looked.is_new, looked.read_bytes) == (False, 0)


def test_what_the_publisher_removed_goes_and_an_earlier_snapshot_may_be_served_again(
    machines: Machines,
) -> None:
    machines.push_and_pull()
    first = machines.served()
    publish_small(machines.settings.home)
    shutil.rmtree(machines.settings.home / VERSION)
    machines.push_and_pull()
    assert machines.served() != first
    assert not (machines.web.home / VERSION).exists()
    assert (machines.web.home / "models/kmeans/champion.json").exists()
    warehouse = Warehouse(machines.settings.home)
    with warehouse.lock():
        warehouse.point_to(str(first))
    machines.push_and_pull()
    assert machines.served() == first


def test_a_damaged_file_of_a_web_machine_is_restored(machines: Machines) -> None:
    machines.push_and_pull()
    snapshot = machines.web.home / "snapshots" / str(machines.served())
    (snapshot / "incidents.duckdb").write_bytes(b"broken")
    (snapshot / "added").write_text("by hand")
    (machines.web.home / VERSION / "bundle.json").unlink()
    machines.puller().pull(verifies=True)
    assert needed(machines.web.home) == needed(machines.settings.home)


@pytest.mark.parametrize("how", ["changed", "cut", "inflated", "missing"])
def test_a_damaged_block_is_named_and_the_snapshot_before_stays(
    machines: Machines, how: str
) -> None:
    machines.push_and_pull()
    before = machines.served()
    publish_small(machines.settings.home)
    machines.pusher().push()
    for one in (machines.store / "blocks").rglob("*.z"):
        content = one.read_bytes()
        match how:
            case "changed":
                one.write_bytes(zlib.compress(b"other"))
            case "cut":
                one.write_bytes(content[:-3])
            case "inflated":
                one.write_bytes(zlib.compress(bytes(10_000_000)))
            case "missing":
                one.unlink()
    error = UnavailableError if how == "missing" else DamagedError
    with pytest.raises(error, match=rf"{machines.address}/blocks/../[0-9a-f]+\.z, a part of "):
        machines.puller().pull()
    assert machines.served() == before
    assert not list((machines.web.home / "staging").iterdir())


def test_a_push_sends_again_what_is_missing_in_the_storage(machines: Machines) -> None:
    machines.push_and_pull()
    for one in (machines.store / "blocks").rglob("*.z"):
        one.unlink()
    assert machines.pusher().push().sent_blocks > 0
    other = replace(machines.web, home=machines.web.home.with_name("other"))
    assert machines.puller(other).pull().is_new


HOSTILE = (
    "../outside", "models/../../outside", "/etc/cron.d/x", "models//x", "models/./x", "current",
    "state.db", "secret.key", "accounts", "pulled.json", "raw/x", "models", "models/a\\..\\x",
    "models/.hidden", "models/a\nb", "models/" + "a" * 500, "snapshots/other/manifest.json",
    "snapshots/x", "calls/current", "calls/snapshots/x/incidents.duckdb", "models/a\0b", "",
)  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_list_cannot_name_a_file_elsewhere(machines: Machines, name: str) -> None:
    machines.pusher().push()

    def change(document: dict) -> None:
        document["files"][name] = next(iter(document["files"].values()))

    machines.forge(change)
    with pytest.raises(DamagedError):
        machines.puller().pull()
    assert needed(machines.web.home) == {}
    assert not (machines.web.home.parent / "outside").exists()


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("snapshot", "../../x"),
        ("snapshot", "."),
        ("calls", "../x"),
        ("id", "../x"),
        ("retracted", "x"),
        ("pushed", "yesterday"),
        ("publisher", "a\x1b[2Jb"),
        ("files", []),
        ("files", {}),
    ],
)
def test_a_list_cannot_have_other_ids(machines: Machines, key: str, value: object) -> None:
    machines.pusher().push()
    machines.forge(lambda document: document.update({key: value}))
    with pytest.raises(DamagedError, match="pushes/"):
        machines.puller().pull()
    assert machines.served() is None


def test_checksums_and_sizes_of_a_list_are_checked(machines: Machines) -> None:
    machines.pusher().push()
    name = (VERSION / "bundle.json").as_posix()
    for wrong in (
        {"digest": "../x"},
        {"blocks": ["../../x"]},
        {"blocks": []},
        {"digest": "0" * 64},
    ):
        machines.pusher().push()
        machines.forge(lambda document, wrong=wrong: document["files"][name].update(wrong))
        with pytest.raises(DamagedError):
            machines.puller().pull()
    assert machines.served() is None


def test_a_link_in_the_home_folder_is_replaced_and_not_followed(
    machines: Machines, tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "champion.json").write_text("kept")
    machines.push_and_pull()
    champion = machines.web.home / "models/kmeans/champion.json"
    champion.unlink()
    champion.symlink_to(outside / "champion.json")
    shutil.rmtree(machines.web.home / VERSION)
    (machines.web.home / VERSION).symlink_to(outside)
    machines.write(Path("models/kmeans/champion.json"), b'{"version": 4}')
    machines.push_and_pull()
    assert (outside / "champion.json").read_text() == "kept"
    assert sorted(outside.iterdir()) == [outside / "champion.json"]
    assert champion.read_bytes() == b'{"version": 4}'
    assert not (machines.web.home / VERSION).is_symlink()


@pytest.mark.parametrize("kind", ["snapshots", "codes", "calls", "models"])
def test_another_version_is_refused_and_what_is_served_stays(machines: Machines, kind: str) -> None:
    machines.push_and_pull()
    before = machines.served()
    publish_small(machines.settings.home)
    machines.pusher().push()

    def newer(document: dict) -> None:
        document["formats"][kind] += 1
        document["code_version"] = "9.1"

    machines.forge(newer)
    with pytest.raises(IntegrityError, match=r"PatrolIQ 9\.1") as refused:
        machines.puller().pull()
    assert not isinstance(refused.value, DamagedError)
    assert kind in str(refused.value)
    assert machines.served() == before


def test_a_list_in_another_form_names_the_version_that_wrote_it(machines: Machines) -> None:
    machines.pusher().push()
    machines.forge(lambda document: document.update(format=2, code_version="9.1", extra=1))
    with pytest.raises(IntegrityError, match=r"9\.1"):
        machines.puller().pull()


def test_a_home_folder_with_its_own_snapshots_is_not_replaced(machines: Machines) -> None:
    machines.pusher().push()
    own = publish_small(machines.web.home)
    with pytest.raises(InputError, match="this machine publishes"):
        machines.puller().pull()
    assert (machines.served(), read_pulled(machines.web.home)) == (own.id, None)
    machines.puller().pull(force=True)
    assert machines.served() == machines.newest().snapshot
    with pytest.raises(NotPublisherError), Warehouse(machines.web.home).lock():
        pass


def test_a_storage_with_a_newer_snapshot_of_another_machine_is_not_overwritten(
    machines: Machines,
) -> None:
    other = replace(machines.settings, home=machines.web.home.with_name("other"))
    publish_small(other.home)
    Pusher(other, machines.address).push()
    with pytest.raises(InputError, match="--force"):
        machines.pusher().push()
    machines.pusher().push(force=True)
    assert machines.newest().snapshot == Warehouse(machines.settings.home).current_id()


def test_a_damaged_snapshot_is_not_pushed(machines: Machines) -> None:
    machines.pusher().push()
    before = machines.newest().id
    newer = publish_small(machines.settings.home)
    with newer.database.open("r+b") as file:
        file.write(b"broken")
    with pytest.raises(DamagedError, match=r"incidents\.duckdb"):
        machines.pusher().push()
    assert machines.newest().id == before


def test_a_push_waits_for_a_retraction_and_then_nothing_of_before_stays_anywhere(
    machines: Machines,
) -> None:
    machines.push_and_pull()
    listed = RetractedIds(machines.settings.home)
    listed.begin(["3"])
    with pytest.raises(BusyError, match="retraction"):
        machines.pusher().push()
    listed.finish()
    publish_small(machines.settings.home)
    (machines.web.home / "scoped" / "x").mkdir(parents=True)
    assert machines.pusher().push().removed_pushes == 1
    assert len(list((machines.store / "pushes").iterdir())) == 1
    kept = {push_list.block_name(one) for one in machines.newest().all_blocks}
    blocks = (machines.store / "blocks").rglob("*.z")
    assert {path.relative_to(machines.store).as_posix() for path in blocks} == kept
    machines.puller().pull()
    folders = [path.name for path in (machines.web.home / "snapshots").iterdir()]
    assert folders == [machines.newest().snapshot]
    assert not (machines.web.home / "scoped").exists()


def test_old_pushes_go_but_none_that_may_be_pulled_at_present(
    machines: Machines, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = datetime(2026, 11, 30, tzinfo=UTC)

    class Clock(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:
            return now

    monkeypatch.setattr(push_module, "datetime", Clock)
    pusher, ids = machines.pusher(keep=2), []
    for minutes in (0, 20, 20, 20, 20, 20, 20):
        now += timedelta(minutes=minutes)
        machines.write(Path("layers/index.json"), os.urandom(9))
        ids.append(pusher.push().push)
    # At 120 minutes: those that were replaced at 20 and at 40 went.
    assert push_list.pushed_ids(Storage(machines.address)) == ids[2:]
    now += timedelta(days=1)
    machines.write(Path("layers/index.json"), os.urandom(9))
    newest = pusher.push().push
    assert push_list.pushed_ids(Storage(machines.address)) == [ids[-1], newest]
    for one in (ids[-1], newest):
        blocks = read_push(Storage(machines.address), one)[0].all_blocks
        assert all((machines.store / push_list.block_name(block)).exists() for block in blocks)
    machines.puller().pull()
    assert machines.served() == machines.newest().snapshot


def test_what_killed_pushes_left_goes_with_the_next_one(machines: Machines) -> None:
    first = machines.pusher().push()
    rests = [
        machines.store / "pushes" / f"{first.push[:-8]}00000000.json.z.0a1b2c3d",
        machines.store / "blocks" / "ab" / f"{'ab' * 32}.z",
    ]
    for one in rests:
        one.parent.mkdir(exist_ok=True)
        one.write_bytes(b"half")
    publish_small(machines.settings.home)
    machines.pusher().push()
    assert [one for one in rests if one.exists()] == []
    assert len(push_list.pushed_ids(Storage(machines.address))) == 2


def test_calls_come_and_go_with_their_publisher(machines: Machines) -> None:
    """A snapshot of incidents stands for one of calls: a pull does not open it."""
    calls = publish_small(machines.settings.home / "calls")
    machines.push_and_pull()
    assert Warehouse(machines.web.home / "calls").current_id() == calls.id
    shutil.rmtree(machines.settings.home / "calls")
    machines.push_and_pull()
    assert Warehouse(machines.web.home / "calls").current_id() is None


def test_a_full_disk_is_said_before_anything_is_read(
    machines: Machines, monkeypatch: pytest.MonkeyPatch
) -> None:
    machines.push_and_pull()
    before = machines.served()
    publish_small(machines.settings.home)
    machines.pusher().push()
    usage = shutil.disk_usage(machines.web.home)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage._replace(free=1000))
    with pytest.raises(Exception, match="Make room"):
        machines.puller().pull()
    assert machines.served() == before


@pytest.mark.parametrize("address", ["", "simplecache::file:///x", "nothing://x/y"])
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(InputError):
        Storage(address)


def test_an_address_with_a_password_is_refused_without_naming_it() -> None:
    with pytest.raises(InputError, match="in the environment") as refused:
        Storage("s3://key:copper-lantern@bucket/x")
    assert "copper" not in str(refused.value)


def test_an_empty_storage_and_one_that_cannot_be_read_say_so(
    machines: Machines, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(UnavailableError, match="has nothing yet"):
        machines.puller().pull()
    machines.pusher().push()
    (machines.store / LATEST).write_text("../../etc/passwd x\n")
    with pytest.raises(DamagedError, match="latest"):
        machines.puller().pull()
    (machines.store / LATEST).unlink()
    (machines.store / LATEST).mkdir()
    with pytest.raises(UnavailableError, match="latest cannot be read"):
        machines.puller().pull()


def test_another_storage_than_a_folder_works_too(machines: Machines) -> None:
    address = "memory://patroliq"
    Pusher(machines.settings, address).push()
    machines.write(Path("layers/index.json"), b"{ }")
    assert Pusher(machines.settings, address).push().sent_blocks == 1
    Puller(machines.web, address).pull()
    assert needed(machines.web.home) == needed(machines.settings.home)


def test_a_machine_that_pulls_says_when_nothing_arrives_any_more(machines: Machines) -> None:
    machines.pusher().push()
    Puller(machines.web, machines.address, every_s=5).pull()
    assert publisher.late_pull(machines.web.home) == ""
    long_ago = time.time() - 3_600
    os.utime(machines.web.home / publisher.MARK, (long_ago, long_ago))
    assert "have not arrived since" in publisher.late_pull(machines.web.home)
    Puller(machines.web, machines.address, every_s=5).pull()  # a look is enough
    assert publisher.late_pull(machines.web.home) == ""
    assert publisher.late_pull(machines.settings.home) == ""


def test_a_pushed_file_has_a_block_for_each_part() -> None:
    assert PushedFile(0, "", ()).blocks == ()
    assert push_list.unit_of("models/kmeans/3/bundle.json") == "models/kmeans/3"
    assert push_list.unit_of("models/kmeans/champion.json") == "models/kmeans/champion.json"
    assert push_list.unit_of("snapshots/a/codes/day.bin") == "snapshots/a"
    assert push_list.unit_of("calls/snapshots/a/calls.duckdb") == "calls/snapshots/a"
    assert push_list.unit_of("tables/groups/x.csv") == "tables/groups/x.csv"
