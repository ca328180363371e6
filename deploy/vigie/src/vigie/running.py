"""How a command ends: by what it was asked for, or with a message and exit status 1, never with a traceback."""

import asyncio
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any

import typer
import uvloop

from vigie_shared import logs
from vigie_shared.errors import VigieError


@contextmanager
def ending_cleanly() -> Iterator[None]:
    """Print what Vigie raises on purpose and end with status 1; take Ctrl-C for the end that was asked for."""
    try:
        yield
    except KeyboardInterrupt:
        raise typer.Exit(0) from None
    except VigieError as error:
        typer.secho(str(error), err=True, fg="red")
        raise typer.Exit(1) from None


def run_to_the_end(work: Coroutine[Any, Any, None]) -> None:
    """Run `work` until it ends or is asked to, by Ctrl-C or SIGTERM."""
    logs.configure()
    with ending_cleanly(), asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(work)
