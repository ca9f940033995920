"""Configuration of gunicorn, for `patroliq serve` and for a plain `gunicorn` in this folder."""

from __future__ import annotations

import gc
import os
import shutil
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from typing import Any

from analytics import logs, private
from analytics.access import accounts
from analytics.address import require_loopback, socket_path
from analytics.errors import PatrolIQError
from analytics.settings import Settings
from analytics.state_file import StateError

# Matrices of a request are small: threads that wait for each other on a busy machine cost 16 ms
# where one takes 0.2. Read when NumPy is first imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
private.set_umask()
logs.log_crashes()
try:
    settings = Settings.from_environment()
    with suppress(StateError):  # pages say so
        accounts.notice(settings)
    require_loopback(settings.host, settings.hosts, accounts=accounts.are_kept(settings))
except PatrolIQError as error:
    raise SystemExit(f"patroliq: {error}") from error

# Loaded once, before workers are forked, so that these share the memory: they start no thread, as
# Polars does. With more threads for matrices, NumPy starts them when it is loaded, so then each
# worker loads for itself.
SHARED = ("dash", "dash_leaflet", "duckdb", "pyproj")
# What the first answer does not need: the first worker is forked before, and answers meanwhile.
SHARED_LATER = (
    "numba",
    "scipy.signal",
    "scipy.sparse.csgraph",
    "scipy.spatial",
    "shapely",
    "sqlalchemy.orm",
)
FORKED_BEFORE = 1


def load_shared(libraries: Sequence[str]) -> None:
    """Load libraries, if that starts no thread."""
    if os.environ["OPENBLAS_NUM_THREADS"] == "1":
        for library in libraries:
            import_module(library)


load_shared(SHARED)

wsgi_app = "app:server"
if socket_path(settings.host) is not None:
    bind = settings.host
    umask = 0o117  # of the socket: for the user and the group, such as that of a reverse proxy
else:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    bind = f"{host}:{settings.port}"
workers = settings.workers
threads = settings.threads
worker_class = "security.patient_worker.PatientWorker"
preload_app = False  # threads of DuckDB and Polars do not survive a fork
timeout = 60
graceful_timeout = 30
keepalive = 5
limit_request_line = 4094
limit_request_fields = 60
limit_request_field_size = 8190
worker_connections = 600  # fewer than the files that a process may open, often 1,024
# A worker is replaced now and then, so that memory that a library does not give back never adds up.
max_requests = 50_000
max_requests_jitter = 10_000
MEMORY = "/dev/shm"  # noqa: S108 - gunicorn makes an unlinked file there, with a random name
if os.access(MEMORY, os.W_OK):  # so that heartbeats of workers never wait for a disk
    worker_tmp_dir = MEMORY
# Here workers count together for /metrics. Read again at a reload, the folder stays, and is known
# as ours by the second name.
METRICS = "PROMETHEUS_MULTIPROC_DIR"
MADE = f"{METRICS}_MADE"
if settings.metrics_token and METRICS not in os.environ:
    os.environ[METRICS] = os.environ[MADE] = tempfile.mkdtemp(
        prefix="patroliq-metrics-", dir=MEMORY if os.access(MEMORY, os.W_OK) else None
    )


def on_exit(_server: Any) -> None:
    """Remove what workers counted, unless it is in a folder of the operator's."""
    made = os.environ.get(MADE)
    if made is not None and made == os.environ.get(METRICS):
        shutil.rmtree(made, ignore_errors=True)


def pre_fork(_server: Any, worker: Any) -> None:
    """Before the second worker, and any that replaces one, load what they share."""
    if worker.age > FORKED_BEFORE:
        load_shared(SHARED_LATER)


def post_fork(_server: Any, worker: Any) -> None:
    """Tell a worker how long it waits for clients."""
    worker.patience_s = settings.client_timeout_s


def post_worker_init(_worker: Any) -> None:
    """Leave what was loaded out of collections, which take a quarter of a second with it."""
    gc.collect()
    gc.freeze()


control_socket_disable = True  # nothing is managed at run time
accesslog = None  # security.request_id logs each request, with its id
logconfig_dict = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"patroliq": {"()": "analytics.logs.formatter", "settings": settings}},
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "formatter": "patroliq",
            "stream": "ext://sys.stderr",
        }
    },
    "root": {"handlers": []},  # analytics.logs adds its own in each worker
    "loggers": {
        "gunicorn.error": {
            "level": settings.log_level.upper(),
            "handlers": ["stderr"],
            "propagate": False,
        }
    },
}
