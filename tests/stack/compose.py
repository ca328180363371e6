"""The stores of a run in containers, for a machine that has docker compose and nothing else."""

import os
import secrets
import shutil
import subprocess
from pathlib import Path

from tests.stack.process import NodeError

_FILE = Path(__file__).with_name("compose.yml")


def has_compose() -> bool:
    """Whether `docker compose` is installed and its engine answers."""
    docker = shutil.which("docker")
    return docker is not None and all(
        subprocess.run([docker, *words], capture_output=True, check=False).returncode == 0
        for words in (["compose", "version"], ["info"])
    )


class ComposeStores:
    """Containers of one run's own, under a project name of their own."""

    def __init__(self) -> None:
        self._project = f"vigie-test-{secrets.token_hex(4)}"
        self._password = secrets.token_urlsafe(16)

    def start_postgres(self) -> str:
        """Start PostgreSQL; the superuser's URL."""
        return f"postgresql://postgres:{self._password}@{self._start('postgres', 5432)}/postgres"

    def start_rabbitmq(self) -> str:
        """Start RabbitMQ; the URL of its virtual host `/`."""
        return f"amqp://vigie:{self._password}@{self._start('rabbitmq', 5672)}/"

    def close(self) -> None:
        """Remove the run's containers and network."""
        self._compose("down", "--volumes", "--timeout", "1")

    def _start(self, service: str, port: int) -> str:
        self._compose("up", "--detach", "--wait", service)
        return self._compose("port", service, str(port)).strip()

    def _compose(self, *words: str) -> str:
        answer = subprocess.run(
            ["docker", "compose", "--project-name", self._project, "--file", str(_FILE), *words],
            env={**os.environ, "VIGIE_TEST_PASSWORD": self._password},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if answer.returncode != 0:
            raise NodeError(f"docker compose {' '.join(words)} ended with status {answer.returncode}:\n{answer.stderr}")
        return answer.stdout
