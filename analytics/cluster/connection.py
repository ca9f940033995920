"""The connection to a scheduler: segments sent to workers, and their answers within a bounded time.

Dask gives the segment of a worker that died to another one. What it cannot cure (no worker, no
scheduler, an answer that is late or an error) is a `ClusterError`, upon which the caller uses its
own snapshot.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from analytics.cluster.scheduler_address import INSTALL_DASK, is_dask_installed, require_trusted
from analytics.errors import PatrolIQError
from analytics.settings import Settings

if TYPE_CHECKING:
    from distributed import Client, Future

CONNECT_S = 3
LOOK_S = 0.5
"""Time between two looks at whether there is still someone to wait for."""
WORKERS_S = 2.0
"""How long the list of workers is used before it is read again."""
LONGEST_S = 10.0
"""Time after which an answer is waited for no longer."""
_LOG = logging.getLogger(__name__)


class ClusterError(PatrolIQError):
    """The cluster has no answer; the message says why."""


class SegmentError(PatrolIQError):
    """A worker cannot answer for a segment; the message names the worker and what to do."""


@dataclass(frozen=True)
class Call:
    """What one worker is asked; another one may answer in its place."""

    worker: str
    arguments: tuple[Any, ...]


class Cluster:
    """The workers of one scheduler, connected at first use: a process may fork before."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._lock = threading.Lock()
        self._client: Client | None = None
        self._workers: dict[str, int] = {}
        self._read_at = float("-inf")

    @classmethod
    def of(cls, settings: Settings) -> Cluster | None:
        """The cluster of the settings; None without one, or where Dask is not installed.

        Raises
        ------
        InputError
            Its address is not allowed.
        """
        if not settings.cluster:
            return None
        require_trusted(settings.cluster, unencrypted=settings.cluster_unencrypted == "yes")
        if not is_dask_installed():
            _LOG.warning("PATROLIQ_CLUSTER is not used, Dask is missing: %s", INSTALL_DASK)
            return None
        return cls(settings.cluster)

    def workers(self) -> dict[str, int]:
        """Threads of each worker, by its address; at least one worker.

        Raises
        ------
        ClusterError
            There is no connection, or there are no workers.
        """
        if not self._lock.acquire(timeout=CONNECT_S):
            raise ClusterError(f"The scheduler at {self.address} did not answer yet.")
        try:
            if time.monotonic() - self._read_at > WORKERS_S:
                self._workers = self._read_workers()
                self._read_at = time.monotonic()
        finally:
            self._lock.release()
        return self._workers

    def run(self, function: Callable[..., Any], calls: Sequence[Call]) -> list[Any]:
        """The answers to calls, in their order.

        Raises
        ------
        ClusterError
            An answer is missing.
        """
        futures = self.submit(function, calls)
        return self.results(futures)

    def submit(self, function: Callable[..., Any], calls: Sequence[Call]) -> list[Future]:
        """Have calls answered in the background.

        Raises
        ------
        ClusterError
            There is no connection.
        """
        client = self._client
        if client is None:
            raise ClusterError(f"The scheduler at {self.address} is not connected.")
        try:
            return [
                client.submit(
                    function,
                    *call.arguments,
                    pure=False,
                    workers=[call.worker],
                    allow_other_workers=True,
                )
                for call in calls
            ]
        except Exception as error:  # another thread has just closed it, for one
            raise ClusterError(f"{type(error).__name__}: {str(error)[:500]}") from error

    def results(self, futures: list[Future]) -> list[Any]:
        """The answers of calls in the background, in their order.

        Raises
        ------
        ClusterError
            An answer is missing.
        """
        from distributed import wait  # noqa: PLC0415 - an extra

        client = self._client
        until = time.monotonic() + LONGEST_S
        try:
            while client is not None:
                try:
                    with client.as_current():
                        wait(futures, timeout=LOOK_S)
                except TimeoutError:
                    self._require_hope(client, until)
                    continue
                left_s = max(until - time.monotonic(), LOOK_S)
                found: list[Any] = client.sync(client._gather, futures, callback_timeout=left_s)
                return found
        except ClusterError:
            raise
        except SegmentError as error:
            raise ClusterError(str(error)) from error
        except Exception as error:  # whatever a task or Dask itself raises
            raise ClusterError(f"{type(error).__name__}: {str(error)[:500]}") from error
        finally:
            for future in futures:
                future.release()
        raise ClusterError(f"The scheduler at {self.address} is not connected.")

    def close(self) -> None:
        """Let go of the connection; it is made again at the next use."""
        client, self._client = self._client, None
        self._read_at = float("-inf")
        if client is not None:
            client.close(timeout=CONNECT_S)

    def _require_hope(self, client: Client, until: float) -> None:
        if time.monotonic() > until:
            raise ClusterError(f"{self.address} did not answer within {LONGEST_S:.0f} s.")
        if client.status != "running" or not self._threads(client):
            self._read_at = float("-inf")
            raise ClusterError(f"{self.address} has no workers anymore.")

    def _read_workers(self) -> dict[str, int]:
        if self._client is not None and self._client.status != "running":
            self.close()
        if self._client is None:
            self._client = self._connect()
        found = self._threads(self._client)
        if not found:
            raise ClusterError(f"{self.address} has no workers.")
        return dict(sorted(found.items()))

    def _connect(self) -> Client:
        from distributed import Client  # noqa: PLC0415 - an extra, and slow to import

        try:
            return Client(self.address, timeout=CONNECT_S, set_as_default=False)
        except (OSError, TimeoutError, ValueError, TypeError) as error:
            raise ClusterError(f"{self.address} cannot be reached: {error}") from error

    def _threads(self, client: Client) -> dict[str, int]:
        try:
            found: dict[str, int] = client.sync(
                client.scheduler.ncores, workers=None, callback_timeout=CONNECT_S
            )
        except (OSError, TimeoutError) as error:
            raise ClusterError(f"{self.address} does not answer: {error}") from error
        return found
