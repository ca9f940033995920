"""The compiled scan of this process: loaded once, never compiled while somebody waits.

Ingest compiles it and numba keeps the result on disk: beside the program, in the user's cache where
that folder cannot be written, or in `NUMBA_CACHE_DIR`. A web worker loads it in a thread of its own
(about 0.6 s) and answers with SQL until then. Where the stored result is missing or was made by
another version, that thread compiles it anew (some 10 s) and says so in the log.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from pathlib import Path
from types import ModuleType

_LOG = logging.getLogger(__name__)
_LOCK = threading.Lock()
_SOURCE = Path(__file__).with_name("scan_kernels.py")


class _Loaded:
    module: ModuleType | None = None
    thread: threading.Thread | None = None


def loaded() -> ModuleType | None:
    """The compiled module, or None where it is not loaded yet."""
    return _Loaded.module


def load() -> ModuleType:
    """Load the compiled module, and compile it where no stored result fits; then it is stored."""
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
    """Start loading in a thread of its own, once."""
    with _LOCK:
        if _Loaded.module is None and _Loaded.thread is None:
            _Loaded.thread = threading.Thread(target=_load, name="patroliq-kernels", daemon=True)
            _Loaded.thread.start()


def are_stored() -> bool:
    """Whether this program's scan was compiled before; told without importing numba."""
    folder = Path(os.environ.get("NUMBA_CACHE_DIR") or _SOURCE.parent)
    stored = folder.rglob(f"{_SOURCE.stem}.scan-*.nbi")
    newest = max((path.stat().st_mtime for path in stored), default=0.0)
    return newest >= _SOURCE.stat().st_mtime


def ensure_stored() -> None:
    """Compile the scan where nothing is stored for this program, so that no worker has to."""
    if not are_stored():
        _load()


def _load() -> None:
    try:
        load()
    except Exception:  # whatever fails here, SQL answers
        _LOG.exception("the compiled scan cannot be loaded; SQL answers instead")
