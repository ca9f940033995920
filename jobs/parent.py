"""Makes a process end with its parent."""

from __future__ import annotations

import ctypes
import os

PR_SET_PDEATHSIG = 1  # Linux: prctl(2)


def die_with(parent: int, with_signal: int) -> None:
    """Ask Linux for a signal when the parent process ends.

    A killed worker must not leave its job running, as another worker takes it when the lease ends.
    """
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, with_signal, 0, 0, 0)
    if os.getppid() != parent:  # it ended before the call
        os.kill(os.getpid(), with_signal)
