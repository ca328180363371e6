"""The containers: one for each service, behind one front that knows them all, and no password in any file."""

import os
import re
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.architecture.repository import ROOT, SERVICES

_COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
_FRONT = (ROOT / "deploy/nginx/front.conf").read_text()
_NAMES = {path.name for path in SERVICES}
_UPSTREAMS = (ROOT / "deploy/nginx/upstreams.conf").read_text()


@pytest.mark.parametrize("service", [path.name for path in SERVICES])
def test_every_service_is_a_container_of_its_own(service: str) -> None:
    container = _COMPOSE["services"][service]

    assert container["command"] == ["serve", service]
    assert container["read_only"]
    assert container["cap_drop"] == ["ALL"]
    assert container["environment"][f"VIGIE_{service.replace('-', '_').upper()}_URL"] == f"http://{service}:8000"


@pytest.mark.parametrize("service", [path.name for path in SERVICES])
def test_the_front_sends_each_prefix_to_its_service(service: str) -> None:
    upstream = service.replace("-", "_")
    prefix = "mobile" if service == "mobile-gateway" else service

    assert re.search(rf"location /{prefix}/v1/ +{{ proxy_pass http://{upstream}; }}", _FRONT)
    assert re.search(rf"upstream {upstream} .*server {service}:8000 ", _UPSTREAMS)


def test_only_the_front_is_reachable_and_only_from_this_machine() -> None:
    published = {name: container["ports"] for name, container in _COMPOSE["services"].items() if "ports" in container}

    assert published == {"nginx": ["127.0.0.1:${VIGIE_PORT:-8000}:8080"]}


def test_r10_the_addresses_of_phones_reach_auth_and_strangers_claim_none() -> None:
    """Otherwise all phones would share the address of the front, and one stranger's guesses would lock them all out."""
    [network] = _COMPOSE["networks"]["default"]["ipam"]["config"]
    settings = [container["environment"] for name, container in _COMPOSE["services"].items() if name in _NAMES]

    assert {one["VIGIE_TRUSTED_PROXIES"] for one in settings} == {network["subnet"]}
    assert re.findall(r"set_real_ip_from (\S+);", _FRONT) == [network["gateway"]]
    assert "proxy_set_header X-Forwarded-For $remote_addr;" in _FRONT
    assert "proxy_add_x_forwarded_for" not in _FRONT


def _make_secrets(folder: Path, **environment: str) -> dict[str, str]:
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    script = ROOT / "deploy/make-secrets.sh"
    subprocess.run([script, folder], env={"PATH": path, **environment}, check=True)
    return {str(file.relative_to(folder)): file.read_text() for file in folder.rglob("*") if file.is_file()}


def test_the_passwords_of_the_stores_are_made_once_and_never_twice_the_same(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "other").mkdir()

    first = _make_secrets(tmp_path / "one")
    again = _make_secrets(tmp_path / "one")
    other = _make_secrets(tmp_path / "other")

    assert again == first
    password = first["postgres-password"].strip()
    assert len(password) > 30
    assert password in first["database-url"]
    assert other["postgres-password"] != first["postgres-password"]
    assert other["amqp-url"] != first["amqp-url"]


def test_a_password_given_by_the_environment_is_taken_and_fits_into_an_address(tmp_path: Path) -> None:
    made = _make_secrets(tmp_path, VIGIE_POSTGRES_PASSWORD="p@ss/w:rd", VIGIE_RABBITMQ_PASSWORD="other")

    assert made["postgres-password"] == "p@ss/w:rd\n"
    assert made["database-url"] == "postgresql://vigie:p%40ss%2Fw%3Ard@postgres:5432/vigie\n"
    assert made["amqp-url"] == "amqp://vigie:other@rabbitmq:5672/\n"
    assert made["rabbitmq/20-user.conf"] == "default_user = vigie\ndefault_pass = other\n"


def test_a_setting_read_from_a_file_reaches_the_command_and_one_that_cannot_be_read_stops_it(tmp_path: Path) -> None:
    command = tmp_path / "vigie"
    command.write_text('#!/bin/sh\necho "$VIGIE_DATABASE_URL $VIGIE_AMQP_URL $*"\n')
    command.chmod(command.stat().st_mode | stat.S_IXUSR)
    (tmp_path / "database-url").write_text("postgresql://from-a-file/\n")
    environment = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "VIGIE_AMQP_URL": "amqp://given/"}
    start = [str(ROOT / "deploy/entrypoint.sh"), "serve", "auth"]

    good = {**environment, "VIGIE_DATABASE_URL_FILE": str(tmp_path / "database-url")}
    bad = {**environment, "VIGIE_DATABASE_URL_FILE": str(tmp_path / "absent")}

    answer = subprocess.run(start, env=good, capture_output=True, text=True, check=True)
    refused = subprocess.run(start, env=bad, capture_output=True, text=True, check=False)

    assert answer.stdout == "postgresql://from-a-file/ amqp://given/ serve auth\n"
    assert refused.returncode != 0
    assert refused.stdout == ""
    assert "absent" in refused.stderr


def test_no_container_has_a_password_in_the_file() -> None:
    text = (ROOT / "docker-compose.yml").read_text()

    assert re.findall(r"(?i)password(?!_FILE|s)\S*: (?!\$\{\w+:-\}$).*", text, flags=re.MULTILINE) == []
    assert re.findall(r"\w+://[^/\s]*:[^/\s]*@", text) == []
