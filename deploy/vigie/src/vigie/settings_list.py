"""The settings of all services as a list, made from the classes that read them."""

import os
from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from vigie.services import Service
from vigie_shared.settings import SettingsError, load

MASK = "********"


@dataclass(frozen=True)
class Setting:
    """One environment variable. `now` is what the environment says, masked where it is a secret."""

    variable: str
    read_by: str
    meaning: str
    default: str
    now: str


def settings_list(services: Sequence[Service]) -> list[Setting]:
    """Every setting once, with the services that read it."""
    readers: dict[str, list[str]] = {}
    fields: dict[str, FieldInfo] = {}
    for service in services:
        for name, field in service.settings.model_fields.items():
            readers.setdefault(name, []).append(service.name)
            fields[name] = field
    return [
        Setting(
            variable=(variable := f"VIGIE_{name.upper()}"),
            read_by="all" if len(readers[name]) == len(services) else ", ".join(readers[name]),
            meaning=field.description or "",
            default="" if field.default is None else str(field.default),
            now=_shown(os.environ.get(variable), field),
        )
        for name, field in fields.items()
    ]


def problems(services: Sequence[Service]) -> list[str]:
    """What is wrong with the environment, each once."""
    found: dict[str, None] = {}
    for service in services:
        try:
            load(service.settings)
        except SettingsError as error:
            found |= dict.fromkeys(str(error).split("\n"))
    return list(found)


def _shown(value: str | None, field: FieldInfo) -> str:
    if value is None:
        return ""
    return MASK if SecretStr in getattr(field.annotation, "__args__", (field.annotation,)) else value
