"""Vigie as real processes on loopback: all services in one, or one process each, to be killed and started again."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx2

from tests.stack.waiting import until

SERVICES = ("auth", "extractor", "publisher", "mobile-gateway")
PREFIXES = {"auth": "auth", "extractor": "extractor", "publisher": "publisher", "mobile-gateway": "mobile"}
OPERATOR_PASSWORD = "an-operator-of-the-tests"
"""Signs the platform's operator in; the platforms live for a test only."""


def free_port() -> int:
    """A port of loopback that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class VigieProcess:
    """One `vigie serve`, with its own port and log."""

    arguments: tuple[str, ...]
    environment: Mapping[str, str]
    port: int
    log: Path
    running: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def logged(self) -> str:
        """All that it has written."""
        return self.log.read_text()

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.running = subprocess.Popen(
                [str(Path(sys.executable).parent / "vigie"), "serve", *self.arguments],
                env={**_outside(), **self.environment, "VIGIE_PORT": str(self.port)},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    async def ready(self) -> None:
        """Wait until it says that it lacks nothing."""
        async with httpx2.AsyncClient() as http:

            async def is_ready() -> bool:
                assert self.running is not None
                assert self.running.poll() is None, f"{self.arguments} ended:\n{self.logged[-4000:]}"
                try:
                    return (await http.get(f"{self.address}/readyz", timeout=5)).status_code == 200
                except httpx2.TransportError:
                    return False

            await until(is_ready, 120)

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        self._end(signal.SIGKILL)

    def stop(self) -> int:
        """Ask it to end, and return its exit status."""
        return self._end(signal.SIGTERM)

    def _end(self, how: signal.Signals) -> int:
        assert self.running is not None
        self.running.send_signal(how)
        status = self.running.wait(30)
        self.running = None
        return status


@dataclass(frozen=True)
class Platform:
    """The processes of a platform by service; in the one-process target all are the same."""

    processes: Mapping[str, VigieProcess]

    def url(self, path: str) -> str:
        """Where a path is answered, as the reverse proxy would route it."""
        service = next(name for name, prefix in PREFIXES.items() if path.startswith(f"/{prefix}/"))
        return self.processes[service].address + path

    async def start(self) -> None:
        """Start every process, all at once, and wait until each is ready."""
        started = {id(process): process for process in self.processes.values()}.values()
        for process in started:
            process.start()
        for process in started:
            await process.ready()

    async def restart(self, service: str) -> None:
        self.processes[service].start()
        await self.processes[service].ready()


@contextmanager
def one_process(folder: Path) -> Iterator[Platform]:
    """All services in one process on an embedded PostgreSQL in `folder`."""
    environment = {
        "VIGIE_DATA": str(folder / "data"),
        "VIGIE_OPERATOR_PASSWORD": OPERATOR_PASSWORD,
    }
    process = VigieProcess((), environment, free_port(), folder / "vigie.log")
    yield from _ended_in_the_end(Platform(dict.fromkeys(SERVICES, process)))


@contextmanager
def a_process_each(folder: Path, database_url: str, amqp_url: str, bus_prefix: str) -> Iterator[Platform]:
    """Each service in a process of its own, on real servers."""
    ports = {service: free_port() for service in SERVICES}
    environment = {
        "VIGIE_DATA": str(folder / "data"),
        "VIGIE_DATABASE_URL": database_url,
        "VIGIE_AMQP_URL": amqp_url,
        "VIGIE_BUS_PREFIX": bus_prefix,
        "VIGIE_OPERATOR_PASSWORD": OPERATOR_PASSWORD,
        **{f"VIGIE_{name.upper().replace('-', '_')}_URL": f"http://127.0.0.1:{port}" for name, port in ports.items()},
    }
    yield from _ended_in_the_end(
        Platform(
            {
                service: VigieProcess((service,), environment, ports[service], folder / f"{service}.log")
                for service in SERVICES
            }
        )
    )


def _outside() -> dict[str, str]:
    """The environment of the test run, without any setting of Vigie."""
    return {name: value for name, value in os.environ.items() if not name.startswith("VIGIE_")}


def _ended_in_the_end(platform: Platform) -> Iterator[Platform]:
    try:
        yield platform
    finally:
        for process in platform.processes.values():
            if process.running is not None:
                process.stop()
