"""The services of Vigie by name, and their apps in this process."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI

from vigie_shared.bus import Bus
from vigie_shared.database import Pool
from vigie_shared.settings import Settings

NAMES = ("auth", "extractor", "publisher", "mobile-gateway")


@dataclass(frozen=True)
class Service:
    """One service: what it is called, what it needs to know, and how its app is made of that."""

    name: str
    settings: type[Settings]
    create_app: Callable[[Any, Pool, Bus], FastAPI]


def services(names: Sequence[str] = NAMES) -> list[Service]:
    """The named services. Each is imported only when it is asked for."""
    return [_MAKERS[name]() for name in names]


def _auth() -> Service:
    from vigie_auth.main import create_app
    from vigie_auth.settings import AuthSettings

    return Service("auth", AuthSettings, create_app)


def _extractor() -> Service:
    from vigie_extractor.main import create_app
    from vigie_extractor.settings import ExtractorSettings

    return Service("extractor", ExtractorSettings, create_app)


def _publisher() -> Service:
    from vigie_publisher.main import create_app
    from vigie_publisher.settings import PublisherSettings

    return Service("publisher", PublisherSettings, create_app)


def _mobile_gateway() -> Service:
    from vigie_mobile_gateway.main import create_app
    from vigie_mobile_gateway.settings import GatewaySettings

    return Service("mobile-gateway", GatewaySettings, create_app)


_MAKERS = {"auth": _auth, "extractor": _extractor, "publisher": _publisher, "mobile-gateway": _mobile_gateway}
