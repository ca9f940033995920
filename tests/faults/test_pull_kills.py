"""A push or a pull killed at any step leaves the last whole snapshot, and the next one goes on."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from analytics.machines.pull import Puller
from analytics.machines.push import Pusher
from analytics.settings import Settings
from tests import ROOT
from tests.integration.small_snapshot import publish_small

DRIVER = """
import json, os, shutil, signal, sys
from pathlib import Path
from analytics.incidents.warehouse import Warehouse
from analytics.machines.pull import Puller
from analytics.machines.push import Pusher
from analytics.machines.push_list import latest_id, read_push
from analytics.machines.storage import Storage
from analytics.settings import Settings

STEPS = {"open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "shutil.rmtree"}
folder, what, stride = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
home, store = folder / "publisher", folder / "store"
web, address = folder / "web", f"file://{store}"
changed = store if what == "push" else web
kept = folder / "kept"


def act():
    if what == "push":
        Pusher(Settings(home=home), address).push()
    else:
        Puller(Settings(home=web), address).pull()


def killed_at(step):
    child = os.fork()
    if not child:
        seen = 0

        def look(event, _given):
            nonlocal seen
            if event in STEPS and (seen := seen + 1) >= step:
                os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(look)
        act()
        os._exit(0)
    return os.waitpid(child, 0)[1] == signal.SIGKILL


def found():
    if what == "push":
        push = read_push(Storage(address), *latest_id(Storage(address)))[0]
        missing = [one for one in push.all_blocks
                   if not (store / "blocks" / one[:2] / f"{one}.z").exists()]
        return push.snapshot, missing
    served = Warehouse(web).current()
    return served.id, served.changed()


shutil.copytree(changed, kept)
results, step = [], 1
while True:
    shutil.rmtree(changed)
    shutil.copytree(kept, changed)
    if not killed_at(step):
        break
    served, wrong = found()
    act()
    results.append([served, wrong, found()[0]])
    step += stride
print(json.dumps(results))
"""


def kill_at_steps(folder: Path, what: str, stride: int) -> None:
    """Kill it at every so many steps; each time, what is served before and after is whole."""
    home, address = folder / "publisher", f"file://{folder / 'store'}"
    before = publish_small(home).id
    Pusher(Settings(home=home), address).push()
    if what == "pull":
        Puller(Settings(home=folder / "web"), address).pull()
    after = publish_small(home).id
    if what == "pull":
        Pusher(Settings(home=home), address).push()
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", DRIVER, str(folder), what, str(stride)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=True,
    )
    results = json.loads(done.stdout)
    assert len(results) > 50 / stride
    assert before in {served for served, _, _ in results} <= {before, after}
    assert [wrong for _, wrong, _ in results if wrong] == []
    assert {finally_served for _, _, finally_served in results} == {after}


@pytest.mark.parametrize(("what", "stride"), [("push", 11), ("pull", 29)])
def test_killed_now_and_then(tmp_path: Path, what: str, stride: int) -> None:
    kill_at_steps(tmp_path, what, stride)


@pytest.mark.faults
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("what", ["push", "pull"])
def test_killed_at_every_step(tmp_path: Path, what: str) -> None:
    kill_at_steps(tmp_path, what, 1)
