"""The settings of the publisher: those of every service, and none of its own."""

from typing import ClassVar

from vigie_shared.settings import Settings


class PublisherSettings(Settings):
    service: ClassVar[str] = "publisher"
