"""Workers that tests start end with these, whatever happens."""

from __future__ import annotations

import signal
import subprocess
import sys

from tests.browser.running_worker import end

DEAF = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("ready", flush=True)
time.sleep(600)
"""


def started(code: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", code]
    return subprocess.Popen(command, stdout=subprocess.PIPE, start_new_session=True)


def test_a_worker_that_has_died_hides_no_other_failure() -> None:
    with started("") as process:
        process.wait()
        end(process)


def test_a_worker_that_does_not_end_itself_is_ended_by_force() -> None:
    with started(DEAF) as process:
        assert process.stdout is not None
        process.stdout.readline()
        end(process, patience_s=0.1)
        assert process.returncode == -signal.SIGKILL
