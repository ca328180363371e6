"""Each store comes from the first of five sources that there is, and never from a server that merely runs here."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.stack.postgres import PostgresBinaries, find_postgres
from tests.stack.provision import (
    Container,
    DebianPackage,
    Given,
    Machine,
    Missing,
    OwnPostgres,
    OwnRabbit,
    Source,
    Store,
    choose,
    provision,
)
from tests.stack.rabbitmq import RabbitBinaries, find_rabbitmq

_POSTGRES = PostgresBinaries(Path("/opt/postgres/bin"), 16)
_RABBITMQ = RabbitBinaries(Path("/opt/rabbitmq-server"), Path("/opt/rabbitmqctl"), Path("/opt/epmd"))
_URLS = {"VIGIE_TEST_DATABASE_URL": "postgresql://given/", "VIGIE_TEST_AMQP_URL": "amqp://given/"}

_EVERYTHING = Machine(
    environment=_URLS, postgres=_POSTGRES, rabbitmq=_RABBITMQ, may_install_packages=True, has_compose=True
)
_NO_URL = Machine(environment={}, postgres=_POSTGRES, rabbitmq=_RABBITMQ, may_install_packages=True, has_compose=True)
_NO_BINARIES = Machine(environment={}, postgres=None, rabbitmq=None, may_install_packages=True, has_compose=True)
_ORDINARY_USER = Machine(environment={}, postgres=None, rabbitmq=None, may_install_packages=False, has_compose=True)
_NOTHING = Machine(environment={}, postgres=None, rabbitmq=None, may_install_packages=False, has_compose=False)


@pytest.mark.parametrize(
    ("machine", "postgres", "rabbitmq"),
    [
        (_EVERYTHING, Given("postgresql://given/"), Given("amqp://given/")),
        (_NO_URL, OwnPostgres(_POSTGRES), OwnRabbit(_RABBITMQ)),
        (_NO_BINARIES, DebianPackage("postgresql"), DebianPackage("rabbitmq-server")),
        (_ORDINARY_USER, Container(), Container()),
    ],
    ids=["urls given", "binaries installed", "root", "docker compose"],
)
def test_the_first_source_there_is_is_taken(machine: Machine, postgres: Source, rabbitmq: Source) -> None:
    assert choose(Store.POSTGRES, machine) == postgres
    assert choose(Store.RABBITMQ, machine) == rabbitmq


def test_one_store_may_be_given_and_the_other_be_of_ones_own() -> None:
    machine = Machine(
        environment={"VIGIE_TEST_AMQP_URL": "amqp://given/"},
        postgres=_POSTGRES,
        rabbitmq=_RABBITMQ,
        may_install_packages=False,
        has_compose=False,
    )

    assert choose(Store.POSTGRES, machine) == OwnPostgres(_POSTGRES)
    assert choose(Store.RABBITMQ, machine) == Given("amqp://given/")


@pytest.mark.parametrize(
    ("store", "commands"),
    [
        (Store.POSTGRES, ["sudo apt-get install postgresql", "export VIGIE_TEST_DATABASE_URL="]),
        (Store.RABBITMQ, ["sudo apt-get install rabbitmq-server", "export VIGIE_TEST_AMQP_URL="]),
    ],
)
def test_where_there_is_no_way_the_run_stops_and_says_what_to_type(store: Store, commands: list[str]) -> None:
    source = choose(store, _NOTHING)

    assert isinstance(source, Missing)
    assert source.remedy in provision(_NOTHING)
    for command in commands:
        assert command in source.remedy


def test_where_there_is_no_browser_and_none_can_be_installed_the_run_says_what_to_type() -> None:
    [remedy] = provision(replace(_NO_URL, may_install_packages=False, has_chromium=False))

    assert "sudo apt-get install chromium" in remedy
    assert "export VIGIE_TEST_CHROMIUM=" in remedy


def test_where_everything_is_there_nothing_has_to_be_done() -> None:
    assert provision(_NO_URL) == []


def _install_postgres(directory: Path, version: str) -> Path:
    directory.mkdir()
    for name in ("initdb", "postgres"):
        program = directory / name
        program.write_text(f"#!/bin/sh\necho '{name} (PostgreSQL) {version}'\n")
        program.chmod(0o755)
    return directory


def test_the_newest_supported_postgresql_is_found_among_others(tmp_path: Path) -> None:
    directories = [
        _install_postgres(tmp_path / version, version) for version in ("14.9", "16.2", "18.4", "15.8", "19.0")
    ]

    found = find_postgres([tmp_path / "absent", *directories])

    assert found == PostgresBinaries(tmp_path / "18.4", 18)


def test_a_folder_without_initdb_holds_no_server(tmp_path: Path) -> None:
    directory = _install_postgres(tmp_path / "client", "16.2")
    (directory / "initdb").unlink()

    assert find_postgres([directory]) is None


def test_a_rabbitmq_without_its_control_program_is_not_taken(tmp_path: Path) -> None:
    (tmp_path / "rabbitmq-server").touch(mode=0o755)

    assert find_rabbitmq([tmp_path]) is None


def test_urls_of_running_servers_that_nobody_offered_are_not_looked_for() -> None:
    machine = Machine(
        environment={
            "DATABASE_URL": "postgresql://running/",
            "PGHOST": "127.0.0.1",
            "VIGIE_DATABASE_URL": "postgresql://x/",
        },
        postgres=None,
        rabbitmq=None,
        may_install_packages=False,
        has_compose=False,
    )

    assert isinstance(choose(Store.POSTGRES, machine), Missing)
