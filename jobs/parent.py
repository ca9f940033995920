"""A process that ends with the one that started it."""

from __future__ import annotations

import ctypes
import os

PR_SET_PDEATHSIG = 1  # Linux: prctl(2)


def die_with(parent: int, with_signal: int) -> None:
    """Be sent a signal when the parent process ends, however it ends.

    A worker that was killed must not leave its job running: another takes it when the lease ends.
    """
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, with_signal, 0, 0, 0)
    if os.getppid() != parent:  # it ended before we asked
        os.kill(os.getpid(), with_signal)
