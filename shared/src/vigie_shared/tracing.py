"""One trace id from phone to queue to snapshot: W3C `traceparent`, taken from requests and messages and passed on."""

import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from vigie_shared.events import Event

_current: ContextVar[str | None] = ContextVar("traceparent", default=None)

_FORM = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")


def current_traceparent() -> str | None:
    """The traceparent of what is being done now, if it came with one or was given one."""
    return _current.get()


def current_trace_id() -> str | None:
    """The trace id alone, as logs show it."""
    traceparent = _current.get()
    return traceparent[3:35] if traceparent else None


@contextmanager
def tracing(traceparent: str | None) -> Iterator[None]:
    """Do the rest under the trace that `traceparent` names, or under a new one where it names none."""
    token = _current.set(_continue(traceparent))
    try:
        yield
    finally:
        _current.reset(token)


@contextmanager
def caused_by(event: Event) -> Iterator[None]:
    """Do the rest under the trace of `event`."""
    with tracing(event.traceparent):
        yield


def _continue(traceparent: str | None) -> str:
    trace_id = traceparent[3:35] if traceparent and _FORM.fullmatch(traceparent) else secrets.token_hex(16)
    return f"00-{trace_id}-{secrets.token_hex(8)}-01"
