"""Where a run's PostgreSQL and RabbitMQ come from, and setting up what is missing: `python -m tests.stack.provision`.

The browser that the pages are tried in is set up along with them.

In this order, for each store by itself: the URL that the environment gives; a server of the run's own from installed
binaries; the same after installing Debian's package, as root; a container; else the run stops and says what to type.
A server that merely runs on the machine is never used: nobody offered it.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from tests.stack.browser import CHROMIUM_PACKAGE, CHROMIUM_VARIABLE, find_chromium
from tests.stack.compose import has_compose
from tests.stack.postgres import PostgresBinaries, find_postgres, postgres_directories
from tests.stack.rabbitmq import RabbitBinaries, find_rabbitmq, rabbitmq_directories


class Store(Enum):
    """A store that the tests need."""

    POSTGRES = "PostgreSQL"
    RABBITMQ = "RabbitMQ"


URL_VARIABLES = {Store.POSTGRES: "VIGIE_TEST_DATABASE_URL", Store.RABBITMQ: "VIGIE_TEST_AMQP_URL"}
DEBIAN_PACKAGES = {Store.POSTGRES: "postgresql", Store.RABBITMQ: "rabbitmq-server"}


@dataclass(frozen=True)
class Given:
    """A server that whoever started the run offers for it."""

    url: str


@dataclass(frozen=True)
class OwnPostgres:
    """A PostgreSQL server of the run's own, from these binaries."""

    binaries: PostgresBinaries


@dataclass(frozen=True)
class OwnRabbit:
    """A RabbitMQ node of the run's own, from these binaries."""

    binaries: RabbitBinaries


@dataclass(frozen=True)
class DebianPackage:
    """Not installed, but this package can be, by this user."""

    name: str


@dataclass(frozen=True)
class Container:
    """A container by docker compose."""


@dataclass(frozen=True)
class Missing:
    """There is no way to the store; `remedy` says what a person can do."""

    remedy: str


Source = Given | OwnPostgres | OwnRabbit | DebianPackage | Container | Missing


@dataclass(frozen=True)
class Machine:
    """What there is on a machine to make stores of, and whether there is a browser."""

    environment: Mapping[str, str]
    postgres: PostgresBinaries | None
    rabbitmq: RabbitBinaries | None
    may_install_packages: bool
    has_compose: bool
    has_chromium: bool = True


def look_around() -> Machine:
    """This machine, as it is now."""
    return Machine(
        environment=os.environ,
        postgres=find_postgres(postgres_directories()),
        rabbitmq=find_rabbitmq(rabbitmq_directories()),
        may_install_packages=os.geteuid() == 0 and shutil.which("apt-get") is not None,
        has_compose=has_compose(),
        has_chromium=find_chromium() is not None,
    )


def choose(store: Store, machine: Machine) -> Source:
    """Where `store` comes from on `machine`."""
    if url := machine.environment.get(URL_VARIABLES[store]):
        return Given(url)
    if store is Store.POSTGRES and machine.postgres is not None:
        return OwnPostgres(machine.postgres)
    if store is Store.RABBITMQ and machine.rabbitmq is not None:
        return OwnRabbit(machine.rabbitmq)
    if machine.may_install_packages:
        return DebianPackage(DEBIAN_PACKAGES[store])
    if machine.has_compose:
        return Container()
    return Missing(
        f"The tests need {store.value}, which is not installed here. Type one of:\n"
        f"  sudo apt-get install {DEBIAN_PACKAGES[store]}\n"
        f"  export {URL_VARIABLES[store]}=... (a server that the tests may fill, as its superuser)\n"
        "or install Docker with its compose plugin."
    )


def install(packages: list[str]) -> None:
    """Install Debian's `packages`, saying so; CalledProcessError when apt-get refuses."""
    print(f"Installing {' and '.join(packages)} for the tests", flush=True)  # noqa: T201 - this is a command
    quietly = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    apt_get = ["apt-get", "--quiet=2", "--option", "DPkg::Lock::Timeout=300"]
    for words in (["update"], ["install", "--no-install-recommends", *packages]):
        subprocess.run([*apt_get, *words], env=quietly, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=True)


def provision(machine: Machine) -> list[str]:
    """Install what is missing and can be installed on `machine`; what a person has to do when something cannot."""
    sources = [choose(store, machine) for store in Store]
    remedies = [source.remedy for source in sources if isinstance(source, Missing)]
    packages = [source.name for source in sources if isinstance(source, DebianPackage)]
    if not machine.has_chromium:
        if machine.may_install_packages:
            packages.append(CHROMIUM_PACKAGE)
        else:
            remedies.append(
                "The tests need Chromium, which is not installed here. Type one of:\n"
                f"  sudo apt-get install {CHROMIUM_PACKAGE}\n"
                f"  export {CHROMIUM_VARIABLE}=... (the path of a Chromium or Chrome)"
            )
    if packages and not remedies:
        install(packages)
        still = [choose(store, look_around()) for store in Store]
        remedies = [
            f"{source.name} was installed but holds no usable server"
            for source in still
            if isinstance(source, DebianPackage)
        ]
    return remedies


if __name__ == "__main__":
    sys.exit("\n".join(provision(look_around())) or None)
