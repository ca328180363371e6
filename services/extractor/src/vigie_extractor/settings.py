"""The settings of the extractor."""

import os
from datetime import timedelta
from pathlib import Path
from typing import Annotated, ClassVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, field_validator
from pydantic_settings import NoDecode

from vigie_extractor.domain.watching import Patience
from vigie_shared.settings import Settings, is_loopback


class ExtractorSettings(Settings):
    """What the extractor needs to know beside what every service does."""

    service: ClassVar[str] = "extractor"

    time_zone: str = Field(
        "Europe/Paris",
        description="Where the day of an extraction is read from the clock, when no system date is given",
        examples=["Europe/Paris"],
    )
    answer_minutes: float = Field(
        15,
        gt=0,
        description="How long the publisher may take to answer for an extraction before its messages are taken for "
        "lost and it is handed over again; doubled each time",
        examples=["15"],
    )
    source_roots: Annotated[tuple[Path, ...] | None, NoDecode] = Field(
        None,
        description="Folders that sources must lie in, separated as in PATH. Absent: any folder of this machine while "
        "the service listens on loopback, none otherwise",
        examples=["/srv/books:/srv/exports"],
    )

    watch_seconds: float = Field(
        10,
        gt=0,
        le=3600,
        description="How often the folder of each watched source is looked at",
        examples=["10"],
    )
    quiet_seconds: float = Field(
        30,
        gt=0,
        le=86400,
        description="For how long the files of a watched source must have been the same before they are read",
        examples=["30"],
    )

    @field_validator("time_zone")
    @classmethod
    def _known_time_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError("is not the name of a time zone") from None
        return value

    @field_validator("source_roots", mode="before")
    @classmethod
    def _split_like_path(cls, value: object) -> object:
        return tuple(part for part in value.split(os.pathsep) if part) if isinstance(value, str) else value

    @field_validator("source_roots")
    @classmethod
    def _absolute_folders(cls, value: tuple[Path, ...] | None) -> tuple[Path, ...] | None:
        for root in value or ():
            if not root.is_absolute():
                raise ValueError("names a folder that does not begin with /")
        return value

    @property
    def patience(self) -> Patience:
        """With watched folders."""
        return Patience(timedelta(seconds=self.watch_seconds), timedelta(seconds=self.quiet_seconds))

    @property
    def folders_for_sources(self) -> tuple[Path, ...]:
        """The folders that a source may lie in, itself or deeper; the whole file system where nobody else can ask."""
        if self.source_roots is not None:
            return self.source_roots
        return (Path("/"),) if is_loopback(self.host) else ()
