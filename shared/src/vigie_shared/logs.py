"""Logs: facts with fields, as JSON on standard error, one per outcome. Never a secret, never an amount."""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

from vigie_shared.tracing import current_trace_id


def configure(*, readable: bool | None = None) -> None:
    """Log as JSON, or readably where a person looks on (a terminal). Tracebacks are plain: one with the values of local
    variables would write down whatever secret they hold."""
    readable = sys.stderr.isatty() if readable is None else readable
    renderers: list[Any] = (
        [structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]
        if readable
        else [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            _add_trace,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *renderers,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    for noisy in ("aiormq", "aio_pika", "httpx2", "httpcore2"):
        logging.getLogger(noisy).setLevel(logging.CRITICAL)


def _add_trace(_logger: Any, _method: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    trace_id = current_trace_id()
    if trace_id is not None:
        entry["trace_id"] = trace_id
    return entry
