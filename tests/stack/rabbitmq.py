"""RabbitMQ nodes of the tests' own, from an installed RabbitMQ."""

import os
import secrets
import shutil
import signal
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.stack.amqp_probe import accepts_amqp
from tests.stack.process import NodeError, NodeProcess, free_ports, run_as, server_account, server_directory, write_for

_LOOPBACK_ONLY = "-kernel inet_dist_use_interface {127,0,0,1}"


@dataclass(frozen=True)
class RabbitBinaries:
    """Where RabbitMQ and the Erlang tools that it needs are installed."""

    server: Path
    control: Path
    epmd: Path


def rabbitmq_directories() -> list[Path]:
    """Where RabbitMQ's scripts usually are. Debian's folder comes first: its wrappers on the PATH refuse most users."""
    system = ("/usr/lib/rabbitmq/bin", "/usr/local/sbin", "/usr/sbin", "/opt/homebrew/sbin")
    return [Path(entry) for entry in (*system, *os.get_exec_path())]


def find_rabbitmq(directories: Iterable[Path]) -> RabbitBinaries | None:
    """The first RabbitMQ in `directories`, where Erlang is on the PATH as well."""
    erl = shutil.which("erl")
    if erl is None:
        return None
    beside_erl = Path(erl).resolve().parents[1]
    epmd = next(
        (path for path in [Path(erl).with_name("epmd"), *beside_erl.glob("erts-*/bin/epmd")] if path.exists()), None
    )
    if epmd is None:
        return None
    for directory in directories:
        server, control = directory / "rabbitmq-server", directory / "rabbitmqctl"
        if os.access(server, os.X_OK) and os.access(control, os.X_OK):
            return RabbitBinaries(server, control, epmd)
    return None


class RabbitNode:
    """A RabbitMQ node with data, ports, cookie, user and port mapper (epmd) of its own: it never meets another node.

    As root it runs under the account rabbitmq, else nobody. The port, the user and the data stay the same over stops,
    kills and restarts; `close` stops it and removes the data.
    """

    def __init__(self, binaries: RabbitBinaries) -> None:
        self._binaries = binaries
        self._account = server_account("rabbitmq", "nobody")
        self._directory = server_directory("vigie-rabbitmq-", self._account)
        self._password = secrets.token_urlsafe(16)
        self.port, self._distribution_port, self._epmd_port = free_ports(3)
        self._name = f"vigie-{secrets.token_hex(4)}@localhost"
        self._epmd: NodeProcess | None = None
        self._server: NodeProcess | None = None
        self._configure()

    @property
    def url(self) -> str:
        """The address of the virtual host `/`, with a user who may do everything."""
        return f"amqp://vigie:{self._password}@127.0.0.1:{self.port}/"

    @property
    def running(self) -> bool:
        """Whether the node's process is there."""
        return self._server is not None and self._server.running

    def start(self) -> None:
        """Start the node and return once its user can open a connection."""
        if self.running:
            return
        self._start_epmd()
        self._server = self._launch(
            [self._binaries.server, "-noinput"],
            # The script then becomes the server instead of watching over one, so the process held here is the node.
            {"RABBITMQ_ALLOW_INPUT": "true"},
        )
        self._server.wait_until_ready(lambda: accepts_amqp(self.url), within=120)

    def stop(self) -> None:
        """Stop in order: durable messages are written, clients are told."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End the node with SIGKILL; the next start recovers what it had on disk."""
        self._end(signal.SIGKILL)

    def restart(self) -> None:
        """Stop in order and start again on the same data and port."""
        self.stop()
        self.start()

    def lose_disk(self) -> None:
        """Remove all that the node, which does not run, has kept: the next start finds nothing."""
        if self.running:
            raise NodeError("the node runs; kill it first")
        shutil.rmtree(self._directory / "data")

    def close(self) -> None:
        """Kill the node and its port mapper and remove the data."""
        self.kill()
        if self._epmd is not None:
            self._epmd.end(signal.SIGKILL)
            self._epmd = None
        shutil.rmtree(self._directory)

    def control(self, *words: str) -> str:
        """What `rabbitmqctl` answers to `words`, such as `"set_vm_memory_high_watermark", "absolute", "1MB"`."""
        command: list[str | Path] = [self._binaries.control, "--node", self._name, *words]
        return run_as(self._account, command, directory=self._directory, environment=self._environment())

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _configure(self) -> None:
        settings = {
            "listeners.tcp.own": f"127.0.0.1:{self.port}",
            "default_user": "vigie",
            "default_pass": self._password,
            "disk_free_limit.absolute": "50MB",
        }
        lines = [f"{name} = {value}\n" for name, value in settings.items()]
        write_for(self._account, self._directory / "rabbitmq.conf", "".join(lines))
        # Present and empty, so that those of the system are not read.
        write_for(self._account, self._directory / "rabbitmq-env.conf", "")
        # Counts of messages are half a second old at most, rather than five.
        advanced = "[{rabbit, [{quorum_tick_interval, 500}]}].\n"
        write_for(self._account, self._directory / "advanced.config", advanced)
        write_for(self._account, self._directory / "enabled_plugins", "[].\n")
        # The cookie proves one Erlang node to another; the node and rabbitmqctl find it in their home.
        cookie = self._directory / ".erlang.cookie"
        write_for(self._account, cookie, secrets.token_hex(16))
        cookie.chmod(0o400)

    def _start_epmd(self) -> None:
        """Start the port mapper here: one that Erlang starts for itself detaches, and nobody would end it."""
        if self._epmd is None or not self._epmd.running:
            self._epmd = self._launch([self._binaries.epmd, "-address", "127.0.0.1", "-port", str(self._epmd_port)], {})
            self._epmd.wait_until_ready(self._epmd_answers, within=20)

    def _epmd_answers(self) -> bool:
        asked: list[str | Path] = [self._binaries.epmd, "-port", str(self._epmd_port), "-names"]
        environment = self._environment()
        return subprocess.run(asked, env=environment, capture_output=True, check=False).returncode == 0

    def _launch(self, command: list[str | Path], environment: dict[str, str]) -> NodeProcess:
        return NodeProcess(
            command,
            directory=self._directory,
            log=self._directory / "log",
            environment={**self._environment(), **environment},
            account=self._account,
            at_our_death=signal.SIGKILL,
        )

    def _end(self, how: signal.Signals) -> None:
        if self._server is not None:
            self._server.end(how)
            self._server = None

    def _environment(self) -> dict[str, str]:
        here = self._directory
        return {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(here),
            "LANG": "C.UTF-8",
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "ERL_EPMD_PORT": str(self._epmd_port),
            "RABBITMQ_NODENAME": self._name,
            "RABBITMQ_DIST_PORT": str(self._distribution_port),
            "RABBITMQ_CONFIG_FILE": str(here / "rabbitmq.conf"),
            "RABBITMQ_ADVANCED_CONFIG_FILE": str(here / "advanced.config"),
            "RABBITMQ_CONF_ENV_FILE": str(here / "rabbitmq-env.conf"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(here / "enabled_plugins"),
            "RABBITMQ_GENERATED_CONFIG_DIR": str(here / "config"),
            "RABBITMQ_SCHEMA_DIR": str(here / "schema"),
            "RABBITMQ_MNESIA_BASE": str(here / "data"),
            "RABBITMQ_LOG_BASE": str(here / "logs"),
            "RABBITMQ_PID_FILE": str(here / "pid"),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": _LOOPBACK_ONLY,
            "RABBITMQ_CTL_ERL_ARGS": _LOOPBACK_ONLY,
        }
