"""What holds for every file of the repository."""

import re
from collections import Counter
from pathlib import Path

import pytest

from tests.architecture.repository import ROOT, SERVICES, repository_files

_TOP_LEVEL = {".ci", "deploy", "docs", "services", "shared", "tests"}
_HEADINGS = ["What it owns", "What it hears", "What it says", "Settings"]
_NAMES_THAT_SAY_NOTHING = {"common", "core", "helper", "helpers", "manager", "managers", "util", "utils"}
_WRITTEN_BY_HAND = {".conf", ".css", ".html", ".md", ".py", ".sh", ".sql", ".toml", ".ts", ".tsx"}

# A set-up must work wherever packages come from, and wherever the repository lies.
_ADDRESSES = {
    "a package registry's host": re.compile(r"pypi[.]org|pythonhosted[.]org|npmjs[.](?:org|com)|deb[.]debian[.]org"),
    "a path of somebody's machine": re.compile(r"(?<![\w.$}])/(?:work|root|home/\w+|Users/\w+)/|[.][.]/shared[/]spec"),
}


def _text(path: Path) -> str:
    return (ROOT / path).read_text(errors="replace")


@pytest.mark.parametrize("kind", _ADDRESSES)
def test_no_file_holds(kind: str) -> None:
    found = [
        f"{path}:{number}: {line.strip()[:120]}"
        for path in repository_files()
        for number, line in enumerate(_text(path).splitlines(), start=1)
        if _ADDRESSES[kind].search(line)
    ]

    assert found == []


@pytest.mark.parametrize(
    ("kind", "line"),
    [
        ("a package registry's host", "--index-url https://{}.org/simple".format("pypi")),
        ("a package registry's host", '"resolved": "https://registry.{}.org/preact"'.format("npmjs")),
        ("a path of somebody's machine", 'open("/{}/marie/books.csv")'.format("home")),
        ("a path of somebody's machine", "see ../shared/{}/product.md".format("spec")),
    ],
)
def test_an_address_is_recognised(kind: str, line: str) -> None:
    assert _ADDRESSES[kind].search(line)


def test_the_top_level_holds_only_the_agreed_folders() -> None:
    folders = {path.parts[0] for path in repository_files() if len(path.parts) > 1}

    assert folders <= _TOP_LEVEL


def test_no_file_written_by_hand_passes_400_lines() -> None:
    lengths = {
        str(path): len(_text(path).splitlines())
        for path in repository_files()
        if path.parts[0] in {"services", "shared", "deploy"}
        and (path.suffix in _WRITTEN_BY_HAND or path.name == "Dockerfile")
    }

    assert {path: length for path, length in lengths.items() if length > 400} == {}


def test_every_module_is_named_by_its_subject() -> None:
    modules = [path for path in repository_files() if path.suffix in {".py", ".ts", ".tsx"}]

    assert [path for path in modules if {*path.parts[:-1], path.stem} & _NAMES_THAT_SAY_NOTHING] == []


def test_no_two_migrations_of_a_folder_have_one_number() -> None:
    """The second of two would count as applied where the first is."""
    numbers = Counter(
        (path.parent, path.name.partition("_")[0]) for path in repository_files() if path.suffix == ".sql"
    )

    assert [where for where, times in numbers.items() if times > 1] == []


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_a_service_with_code_tells_what_it_owns_hears_says_and_its_settings(service: Path) -> None:
    modules = [path for path in service.glob("src/**/*.py") if path.name != "__init__.py"]
    readme = service / "README.md"

    headings = re.findall(r"^## (.+)$", readme.read_text(), flags=re.MULTILINE) if readme.exists() else []

    assert headings == (_HEADINGS if modules else [])


def test_only_the_tests_of_the_whole_are_a_package() -> None:
    """Several `tests` packages would hide each other; without __init__.py each file is known by its path."""
    packages = [path for path in repository_files() if path.name == "__init__.py" and "tests" in path.parts]

    assert [path for path in packages if path.parts[0] != "tests"] == []
