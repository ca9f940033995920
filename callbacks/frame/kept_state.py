"""What pages read of the state database; nothing where its file was lost, which the frame says."""

from __future__ import annotations

from analytics.artifacts.decisions import decided
from analytics.audit import Audit, Entry
from analytics.services import Services
from jobs.queue import Job, Queue


def latest_jobs(services: Services) -> list[Job]:
    """The newest jobs, newest first."""
    return [] if services.state_trouble else Queue(services.state).latest()


def decisions_made(services: Services, *events: str, most: int) -> list[Entry]:
    """The newest entries of these events in the audit log, newest first."""
    if services.state_trouble:
        return []
    return decided(Audit(services.state, services.settings), *events, most=most)
