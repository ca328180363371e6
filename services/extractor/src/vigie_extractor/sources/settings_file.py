"""dossier.toml: the kind of the dossier and its own parameters and headings."""

import tomllib
from pathlib import Path
from typing import Any

from vigie_extractor.domain.company import DossierKind
from vigie_extractor.domain.headings import Heading
from vigie_extractor.domain.parameters import HEADINGS, Chosen, DisplayCurrency
from vigie_extractor.sources.canonical import SourceError

_SECTIONS = {"kind", "parameters", "headings"}
_PARAMETERS = {
    "currency",
    "customer_category_axis",
    "item_category_axis",
    "sold_item_categories",
    "opening_journals",
}


def read_settings(folder: Path) -> tuple[DossierKind, Chosen]:
    """The kind, and what the file says of parameters.

    Raises SourceError naming the file, the key at fault and what would be right."""
    path = folder / "dossier.toml"
    try:
        with path.open("rb") as file:
            content = tomllib.load(file)
    except FileNotFoundError:
        raise SourceError(f"{folder} is not a dossier: it has no dossier.toml") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as problem:
        raise SourceError(f"{path} cannot be read: {problem}") from problem
    _only(path, content, _SECTIONS, "")
    kind = content.get("kind")
    if kind not in set(DossierKind):
        raise SourceError(f'{path}: kind is {kind!r}; write kind = "single-base" or kind = "multi-base"')
    return DossierKind(kind), _chosen(path, content)


def _chosen(path: Path, content: dict[str, Any]) -> Chosen:
    section = _section(path, content, "parameters", _PARAMETERS)
    currency = _text(path, section, "currency")
    if currency is not None and currency not in set(DisplayCurrency):
        raise SourceError(f"{path}: currency is {currency!r}; write accounting or reporting")
    return Chosen(
        currency=None if currency is None else DisplayCurrency(currency),
        customer_category_axis=_text(path, section, "customer_category_axis"),
        item_category_axis=_text(path, section, "item_category_axis"),
        sold_item_categories=_texts(path, section, "sold_item_categories"),
        opening_journals=_texts(path, section, "opening_journals"),
        **_headings(path, _section(path, content, "headings", set(HEADINGS))),
    )


def _headings(path: Path, section: dict[str, Any]) -> dict[str, Heading]:
    chosen: dict[str, Heading] = {}
    for key in section:
        try:
            chosen[key] = Heading(_texts(path, section, key) or ())
        except ValueError as problem:
            raise SourceError(f"{path}: heading {key}: {problem}") from problem
    return chosen


def _section(path: Path, content: dict[str, Any], key: str, known: set[str]) -> dict[str, Any]:
    section = content.get(key, {})
    if not isinstance(section, dict):
        raise SourceError(f"{path}: {key} is not a section; write [{key}]")
    _only(path, section, known, f" in [{key}]")
    return section


def _only(path: Path, content: dict[str, Any], known: set[str], where: str) -> None:
    unknown = sorted(set(content) - known)
    if unknown:
        raise SourceError(f"{path}: unknown key {', '.join(unknown)}{where}; known: {', '.join(sorted(known))}")


def _text(path: Path, section: dict[str, Any], key: str) -> str | None:
    value = section.get(key)
    if key in section and not isinstance(value, str):
        raise SourceError(f"{path}: {key} is {value!r}; write a text between quotes")
    return value


def _texts(path: Path, section: dict[str, Any], key: str) -> tuple[str, ...] | None:
    if key not in section:
        return None
    value = section[key]
    if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
        raise SourceError(f'{path}: {key} is {value!r}; write a list of texts such as ["70", "-709"]')
    return tuple(value)
