"""The compiled scan of this process: loaded once, never compiled while a request waits.

Ingest compiles it, and numba stores the result on disk: beside the program, in the user's cache if
that folder is read-only, or in `NUMBA_CACHE_DIR`. A web worker loads it in a separate thread (about
0.6 s) and answers with SQL until then. If the stored result is missing, outdated or not to be
trusted, that thread compiles it again (some 10 s) and logs so.
"""

from __future__ import annotations

import logging
import threading
import time
from pathlib import Path
from types import ModuleType

from analytics.compiled_code import folder_of

_LOG = logging.getLogger(__name__)
_LOCK = threading.Lock()
HEAD_START_S = 0.3
"""Of the request that opens the data: loading competes with it for the interpreter."""
SOURCE = Path(__file__).with_name("scan_kernels.py")


class _Loaded:
    module: ModuleType | None = None
    thread: threading.Thread | None = None


def loaded() -> ModuleType | None:
    """The compiled module; None until it is loaded."""
    return _Loaded.module


def load() -> ModuleType:
    """Load the compiled module; compile and store it if no stored result fits."""
    with _LOCK:
        if _Loaded.module is not None:
            return _Loaded.module
        from analytics.crossfilter import scan_kernels  # noqa: PLC0415 - numba takes 0.3 s

        started = time.perf_counter()
        for function, signature in scan_kernels.SIGNATURES:
            function.compile(signature)
        if any(function.stats.cache_misses for function, _ in scan_kernels.SIGNATURES):
            _LOG.info("compiled the scan in %.1f s", time.perf_counter() - started)
        _Loaded.module = scan_kernels
        return scan_kernels


def load_in_background() -> None:
    """Start loading in a separate thread, once."""
    with _LOCK:
        if _Loaded.module is None and _Loaded.thread is None:
            _Loaded.thread = threading.Timer(HEAD_START_S, _load)
            _Loaded.thread.name, _Loaded.thread.daemon = "patroliq-kernels", True
            _Loaded.thread.start()


def are_stored() -> bool:
    """Whether a compiled scan of this program is stored; checked without importing numba."""
    folder = folder_of(SOURCE)
    stored = folder.rglob(f"{SOURCE.stem}.scan-*.nbi")
    newest = max((path.stat().st_mtime for path in stored), default=0.0)
    return newest >= SOURCE.stat().st_mtime


def ensure_stored() -> None:
    """Compile and store this program's scan if needed, so that no worker has to."""
    if not are_stored():
        _load()


def _load() -> None:
    try:
        load()
    except Exception:  # then SQL answers
        _LOG.exception("the compiled scan cannot be loaded; SQL answers instead")
