"""Configuration of gunicorn, for `patroliq serve` and for a plain `gunicorn` in this folder."""

from __future__ import annotations

import os

from analytics import logs, private
from analytics.address import require_loopback
from analytics.errors import PatrolIQError
from analytics.settings import Settings

# Matrices of a request are small: threads that wait for each other on a busy machine cost 16 ms
# where one takes 0.2. Read when NumPy is first imported, by a worker.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
private.set_umask()
logs.log_crashes()
try:
    settings = Settings.from_environment()
    require_loopback(settings.host)
except PatrolIQError as error:
    raise SystemExit(f"patroliq: {error}") from error

wsgi_app = "app:server"
bind = (
    f"[{settings.host}]:{settings.port}"
    if ":" in settings.host
    else (f"{settings.host}:{settings.port}")
)
workers = settings.workers
threads = settings.threads
worker_class = "gthread"
preload_app = False  # threads of DuckDB and Polars do not survive a fork
timeout = 60
graceful_timeout = 30
keepalive = 5
limit_request_line = 4094
MEMORY = "/dev/shm"  # noqa: S108 - gunicorn makes an unlinked file there, with a random name
if os.access(MEMORY, os.W_OK):  # so that heartbeats of workers never wait for a disk
    worker_tmp_dir = MEMORY

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
