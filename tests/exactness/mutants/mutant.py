"""A mutant: the product with one rule of the definitions broken, made by replacing text in a copy of its source."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
SOURCE = ROOT / "services" / "extractor" / "src"
PACKAGE = "vigie_extractor"


class StaleMutant(Exception):
    """The text that a mutant replaces is not in its file exactly once: the product has moved on without the list."""


@dataclass(frozen=True)
class Edit:
    """In `file` (below the package), the text `old`, which is there exactly once, becomes `new`."""

    file: str
    old: str
    new: str

    def applied(self, content: str) -> str:
        """Raises StaleMutant."""
        times = content.count(self.old)
        if times != 1:
            raise StaleMutant(f"{self.file} holds this text {times} times instead of once:\n{self.old}")
        return content.replace(self.old, self.new)


@dataclass(frozen=True)
class Mutant:
    """`name` says what is computed wrongly, `rule` is what the definitions say instead."""

    name: str
    rule: str
    edits: tuple[Edit, ...]

    def contents(self, source: Path) -> dict[str, str]:
        """The changed files of the package in `source`. Raises StaleMutant."""
        changed: dict[str, str] = {}
        for edit in self.edits:
            path = source / PACKAGE / edit.file
            if edit.file not in changed and not path.is_file():
                raise StaleMutant(f"there is no file {edit.file}")
            changed[edit.file] = edit.applied(changed.get(edit.file) or path.read_text(encoding="utf-8"))
        return changed


def mutant(name: str, rule: str, file: str, old: str, new: str) -> Mutant:
    """A mutant of one edit."""
    return Mutant(name, rule, (Edit(file, old, new),))


def copy_source(folder: Path, broken: Mutant | None) -> None:
    """Write the product's source into `folder`, with the rule of the mutant `broken` broken. Raises StaleMutant."""
    changed = broken.contents(SOURCE) if broken else {}
    shutil.copytree(SOURCE, folder, ignore=shutil.ignore_patterns("__pycache__"))
    for file, content in changed.items():
        (folder / PACKAGE / file).write_text(content, encoding="utf-8")


def stale(mutants: Iterable[Mutant]) -> dict[str, str]:
    """Why the mutants that can no longer be made cannot, by name."""
    found = {}
    for one in mutants:
        try:
            one.contents(SOURCE)
        except StaleMutant as why:
            found[one.name] = str(why)
    return found
