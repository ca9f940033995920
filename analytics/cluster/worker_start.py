"""What a worker does before it takes its first segment: Dask's `--preload` of this module."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from analytics.cluster.worker_snapshots import warm_up
from analytics.settings import Settings

if TYPE_CHECKING:
    from distributed import Worker

_LOG = logging.getLogger(__name__)


def dask_setup(worker: Worker) -> None:
    """Open the snapshot that this home folder serves, so that no question has to wait for it."""
    settings = Settings.from_environment()
    opened = warm_up(settings, worker.state.nthreads)
    _LOG.info("home folder %s, snapshot %s", settings.home.absolute(), opened or "none yet")
