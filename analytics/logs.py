"""Log lines on standard error: JSON for machines, or console lines for people.

Values bound with `structlog.contextvars` (in the web app, the request's id) are in every line,
including those of libraries that use the standard library's logging. No line holds a secret of
the settings or of the environment, and no traceback holds the values of variables.
"""

from __future__ import annotations

import logging
import sys
import threading
import traceback
from types import TracebackType
from typing import Any, TextIO

import structlog

from analytics.redaction import Redaction
from analytics.settings import Settings

_SHARED: tuple[Any, ...] = (
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
)


class _StandardError(logging.StreamHandler[TextIO]):
    """Writes to the present `sys.stderr`, not to the one at the time of set-up."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)

    @property
    def stream(self) -> TextIO:  # type: ignore[override]
        return sys.stderr


def configure(settings: Settings) -> None:
    """Log everything in this process to standard error, each line once."""
    _write_with(formatter(settings))
    logging.getLogger().setLevel(settings.log_level.upper())
    for chatty in ("httpx", "httpcore", "alembic", "matplotlib", "numba"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    structlog.configure(
        processors=[*_SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )


def configure_command() -> None:
    """Write a command's warnings to standard error as plain lines."""
    _write_with(_Plain())


def log_crashes() -> None:
    """Log exceptions that end this process or one of its threads."""
    sys.excepthook = _log_crash
    threading.excepthook = _log_crash_of_thread


def crash_report(error: BaseException) -> str:
    """Format a traceback without secrets."""
    return Redaction.of_process().of_text("".join(traceback.format_exception(error)))


def _write_with(formatter: logging.Formatter) -> None:
    """Use one handler, however often this process configures its log."""
    root = logging.getLogger()
    for old in [old for old in root.handlers if isinstance(old, _StandardError)]:
        root.removeHandler(old)
    handler = _StandardError()
    handler.setFormatter(formatter)
    root.addHandler(handler)


def _log_crash(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    if issubclass(kind, Exception):
        logging.getLogger("patroliq").critical("crashed", exc_info=(kind, error, trace))


def _log_crash_of_thread(crash: threading.ExceptHookArgs) -> None:
    name = crash.thread.name if crash.thread else "unknown"
    value = crash.exc_value or crash.exc_type()
    trace = (crash.exc_type, value, crash.exc_traceback)
    logging.getLogger("patroliq").error("thread %s crashed", name, exc_info=trace)


class _Plain(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return Redaction.of_process().of_text(super().format(record))


def formatter(settings: Settings) -> structlog.stdlib.ProcessorFormatter:
    """Formatter that writes a log record of any library as one line of the chosen format."""
    if settings.log_format == "console":
        # Its default, rich, prints the values of local variables.
        plain = structlog.dev.plain_traceback
        last: list[Any] = [
            structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=plain)
        ]
    else:
        last = [
            structlog.processors.format_exc_info,
            structlog.processors.EventRenamer("message"),
            structlog.processors.JSONRenderer(default=str, ensure_ascii=False),
        ]
    redaction = Redaction.of(settings)

    def redact(_logger: Any, _method: str, line: Any) -> str:
        return redaction.of_text(line)

    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_SHARED,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last, redact],
    )
