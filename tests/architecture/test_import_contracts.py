"""Each import contract convicts a wrong import: shown on a copy of the sources in which one was planted."""

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.architecture.repository import ROOT

pytestmark = pytest.mark.slow

_SOURCES = [*ROOT.glob("services/*/src/*"), ROOT / "shared/src/vigie_shared", ROOT / "deploy/vigie/src/vigie"]

# (the contract that is broken, the modules planted to break it)
_WRONG_IMPORTS = [
    (
        "Services never import each other",
        {"vigie_publisher/planted.py": "import vigie_auth"},
    ),
    (
        "Nothing imports the command line, which alone imports several services",
        {"vigie_shared/planted.py": "import vigie"},
    ),
    (
        "What is shared imports no service",
        {"vigie_shared/planted.py": "from vigie_extractor import __doc__"},
    ),
    (
        "Inside a service, imports point from the edge to the domain",
        {"vigie_auth/storage.py": "", "vigie_auth/domain.py": "from vigie_auth import storage"},
    ),
    (
        "Inside a service, imports point from the edge to the domain",
        {"vigie_publisher/handlers/planted.py": "from vigie_publisher import api"},
    ),
    (
        "Inside a service, imports point from the edge to the domain",
        {"vigie_auth/api.py": "from vigie_auth import consumers", "vigie_auth/consumers.py": ""},
    ),
    (
        "Inside a service, imports point from the edge to the domain",
        {"vigie_extractor/sources.py": "from vigie_extractor import schedule", "vigie_extractor/schedule.py": ""},
    ),
    *(
        (
            "A domain imports no framework, not even through others",
            {f"{package}/domain.py": f"from {package} import planted", f"{package}/planted.py": f"import {framework}"},
        )
        for package, framework in [
            ("vigie_auth", "fastapi"),
            ("vigie_extractor", "duckdb"),
            ("vigie_mobile_gateway", "structlog"),
            ("vigie_publisher", "asyncpg"),
        ]
    ),
    (
        "Indicators compute with DuckDB and import no other framework, not even through others",
        {"vigie_extractor/indicators.py": "import duckdb\nimport asyncpg"},
    ),
    (
        "Only vigie_shared.bus imports aio_pika",
        {"vigie_shared/planted.py": "import aio_pika"},
    ),
]


def _lint(sources: Path) -> str:
    """What import-linter says about `sources`, on one line; a contract's name is followed by KEPT or BROKEN."""
    answer = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(sources), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
    said = " ".join((answer.stdout + answer.stderr).split())
    assert answer.returncode == (1 if "BROKEN" in said else 0), said
    return said


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    """A copy of all packages, which a contract is checked against instead of the packages themselves."""
    for package in _SOURCES:
        shutil.copytree(package, tmp_path / package.name, ignore=shutil.ignore_patterns("__pycache__", "node_modules"))
    return tmp_path


def _plant(sources: Path, modules: dict[str, str]) -> None:
    """Add a line to each of `modules`, made where it does not exist; to its package where it has become one."""
    for name, line in modules.items():
        module = sources / name
        if module.with_suffix("").is_dir():
            module = module.with_suffix("") / "__init__.py"
        with module.open("a") as file:
            file.write(f"\n{line}\n")


def test_the_sources_keep_every_contract(sources: Path) -> None:
    assert "BROKEN" not in _lint(sources)


@pytest.mark.parametrize(("contract", "modules"), _WRONG_IMPORTS)
def test_a_wrong_import_is_convicted(sources: Path, contract: str, modules: dict[str, str]) -> None:
    _plant(sources, modules)

    assert f"{contract} BROKEN" in _lint(sources)


def test_every_contract_is_shown_to_convict() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())

    contracts = {contract["name"] for contract in settings["tool"]["importlinter"]["contracts"]}

    assert contracts == {contract for contract, _ in _WRONG_IMPORTS}
