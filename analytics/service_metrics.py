"""What the service is like now, as metrics: its data, jobs, alerts and troubles.

Everything is read when it is asked for, from the manifest of the snapshot and from small tables of
the state database. A part that cannot be read is left out, and `patroliq_scrape_failed` says which.
"""

from __future__ import annotations

import json
import logging
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from prometheus_client.core import GaugeMetricFamily, Metric

from analytics.access.reader import open_access, reading
from analytics.alerts.stored_alerts import AlertState
from analytics.errors import PatrolIQError
from analytics.incidents.manifest import Manifest
from analytics.incidents.warehouse import Warehouse
from analytics.job_leases import is_interrupted
from analytics.settings import Settings
from analytics.sources.record_kinds import CALLS
from analytics.state_file import StateFile
from analytics.state_tables import alerts, jobs

if TYPE_CHECKING:
    from analytics.services import Services

DAY_S = 86_400.0
JOB_STATES = ("waiting", "running", "interrupted", "done", "failed", "canceled")
OPEN_ALERTS = tuple(state for state in AlertState if state is not AlertState.CLOSED)
_LOG = logging.getLogger(__name__)


class ServiceMetrics:
    """Collects the metrics of one agency's service."""

    def __init__(self, services: Services, now: Callable[[], float] = time.time) -> None:
        self._services = services
        self._now = now

    def collect(self) -> Iterator[Metric]:
        """Every metric that can be read; raises nothing."""
        failed = _gauge("scrape_failed", "1 if a part could not be read.", "part")
        parts = {
            "data": self._data,
            "troubles": self._troubles,
            "jobs": self._jobs,
            "alerts": self._alerts,
            "disk": self._disk,
        }
        with reading(open_access("metrics")):
            for part, read in parts.items():
                try:
                    found = list(read())
                except Exception as error:  # a scrape must say what it can
                    _LOG.warning("metrics of %s could not be read: %s", part, error)
                    found = []
                    failed.add_metric([part], 1)
                else:
                    failed.add_metric([part], 0)
                yield from found
        yield failed

    @property
    def _settings(self) -> Settings:
        return self._services.settings

    def _data(self) -> Iterator[Metric]:
        pinned = self._services.pin()
        manifests = {} if pinned is None else {"incidents": pinned.snapshot.manifest}
        calls = Warehouse(self._settings.home / CALLS.home).current()
        if calls is not None:
            manifests["calls"] = calls.manifest
        yield from _snapshots(manifests, self._now())
        yield from _loads(manifests, self._now())

    def _troubles(self) -> Iterator[Metric]:
        served = _gauge("snapshot_served", "1 if a snapshot of incidents is served.")
        family = _gauge("trouble", "1 while /ready reports a trouble of this kind.", "of")
        services = self._services
        try:
            pinned = services.pin()
        except PatrolIQError:
            pinned = None
        served.add_metric([], pinned is not None)
        yield served
        family.add_metric(["snapshot"], bool(pinned is None or pinned.warning))
        family.add_metric(["state"], bool(services.state_trouble))
        family.add_metric(["audit"], bool(services.audit_trouble))
        family.add_metric(["feeds"], bool(services.failing_feeds))
        yield family

    def _jobs(self) -> Iterator[Metric]:
        now = self._now()
        status = sa.case((is_interrupted(now), "interrupted"), else_=jobs.c.status).label("shown")
        number, oldest = sa.func.count(), sa.func.min(jobs.c.created)
        counted = self._rows(sa.select(status, number, oldest).group_by(sa.text("shown")))
        found = {row[0]: (row[1], row[2]) for row in counted}
        family = _gauge("jobs", "Jobs in the queue and those that ended and are kept.", "status")
        for name in JOB_STATES:
            family.add_metric([name], found.get(name, (0, 0))[0])
        yield family
        waited = _gauge("oldest_waiting_job_seconds", "Age of the oldest waiting job; 0: none.")
        waited.add_metric([], max(now - found["waiting"][1], 0) if "waiting" in found else 0)
        yield waited
        yield self._ended(now)

    def _ended(self, now: float) -> Metric:
        recent = sa.select(jobs.c.command, jobs.c.status).where(jobs.c.ended > now - DAY_S)
        found = Counter((json.loads(command)[0], state) for command, state in self._rows(recent))
        family = _gauge(
            "jobs_ended_last_day", "Jobs that ended within a day, by command.", "command", "status"
        )
        for labels, number in sorted(found.items()):
            family.add_metric(labels, number)
        return family

    def _alerts(self) -> Iterator[Metric]:
        counted = self._rows(sa.select(alerts.c.state, sa.func.count()).group_by(alerts.c.state))
        found = {row[0]: row[1] for row in counted}
        family = _gauge("alerts_open", "Alerts that are not closed.", "state")
        for state in OPEN_ALERTS:
            family.add_metric([state], found.get(state, 0))
        yield family

    def _disk(self) -> Iterator[Metric]:
        free = _gauge("home_free_bytes", "Free room on the disk of the home folder.")
        free.add_metric([], shutil.disk_usage(self._settings.home).free)
        yield free

    def _rows(self, statement: sa.Select[Any]) -> list[Any]:
        """Rows of the state database; none where there is no database yet."""
        if not (self._settings.state_url or StateFile(self._settings.home).path.exists()):
            return []
        with self._services.state.engine.connect() as connection:
            return list(connection.execute(statement))


def _snapshots(manifests: dict[str, Manifest], now: float) -> Iterator[Metric]:
    age = _gauge("snapshot_age_seconds", "Since the served snapshot was made.", "kind")
    newest = _gauge(
        "newest_record_age_seconds",
        "Since the day of the newest incident or call began, in UTC.",
        "kind",
    )
    rows = _gauge("snapshot_rows", "Incidents or calls of the served snapshot.", "kind")
    for kind, manifest in manifests.items():
        age.add_metric([kind], now - _seconds(manifest.created))
        if manifest.last:
            newest.add_metric([kind], now - _seconds(manifest.last))
        rows.add_metric([kind], manifest.incidents)
    yield from (age, newest, rows)


def _loads(manifests: dict[str, Manifest], now: float) -> Iterator[Metric]:
    age = _gauge("last_load_age_seconds", "Since the newest load that is served.", "kind")
    rows = _gauge("last_load_rows", "Rows of the newest load, by outcome.", "kind", "outcome")
    for kind, manifest in manifests.items():
        if manifest.batches:
            load = manifest.batches[-1]
            age.add_metric([kind], now - _seconds(load.ingested_at))
            for outcome in ("accepted", "quarantined", "duplicates", "differing"):
                rows.add_metric([kind, outcome], getattr(load, outcome))
    yield from (age, rows)


def _gauge(name: str, about: str, *labels: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"patroliq_{name}", about, labels=list(labels))


def _seconds(text: str) -> float:
    """Seconds since 1970 of an ISO 8601 text; without a zone it is UTC."""
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
