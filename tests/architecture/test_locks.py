"""The locks name versions and hashes of everything that is installed, and no place that it comes from."""

import re
import tomllib
from pathlib import Path

import pytest

from tests.architecture.repository import ROOT, SERVICES

_LOCKS = [ROOT / "deploy/locks/runtime.txt", ROOT / "deploy/locks/dev.txt"]
_DISTRIBUTIONS = [ROOT / "shared", *SERVICES, ROOT / "deploy/vigie"]


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _locked(lock: Path) -> dict[str, str]:
    """The locked requirements, by the plain name of the package: each with its version and hashes."""
    lines = lock.read_text().replace("\\\n", " ")
    entries = re.findall(r"^([A-Za-z0-9][\w.-]*)(.*)$", lines, flags=re.MULTILINE)
    return {_plain(name): rest for name, rest in entries}


def _required(requirements: list[str]) -> set[str]:
    names = (re.match(r"[A-Za-z0-9][\w.-]*", requirement) for requirement in requirements)
    return {_plain(name[0]) for name in names if name is not None}


@pytest.mark.parametrize("lock", _LOCKS, ids=lambda lock: lock.name)
def test_a_lock_holds_no_address(lock: Path) -> None:
    addresses = r"^.*(?:://|--(?:extra-)?index-url|--find-links| @ ).*$"

    assert re.findall(addresses, lock.read_text(), flags=re.MULTILINE) == []


@pytest.mark.parametrize("lock", _LOCKS, ids=lambda lock: lock.name)
def test_every_locked_package_has_one_version_and_hashes(lock: Path) -> None:
    locked = _locked(lock)

    assert len(locked) > 20
    assert [name for name, rest in locked.items() if not re.match(r"==\S+", rest) or "--hash=sha256:" not in rest] == []


def test_every_requirement_of_the_distributions_is_locked() -> None:
    projects = [tomllib.loads((path / "pyproject.toml").read_text())["project"] for path in _DISTRIBUTIONS]
    own = {project["name"] for project in projects}

    required = set[str]().union(*(_required(project["dependencies"]) for project in projects)) - own

    for lock in _LOCKS:
        assert required - _locked(lock).keys() == set()


def test_every_tool_is_locked_for_developers_and_none_for_users() -> None:
    tools = _required(tomllib.loads((ROOT / "pyproject.toml").read_text())["dependency-groups"]["dev"])

    assert tools - _locked(_LOCKS[1]).keys() == set()
    assert {"pytest", "mypy", "ruff"} & _locked(_LOCKS[0]).keys() == set()
