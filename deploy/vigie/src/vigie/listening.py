"""Where this process listens: in the clear on this machine alone, or encrypted for others too."""

import socket
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from vigie_shared.settings import Settings, SettingsError

_ANYWHERE = ("0.0.0.0", "::", "")  # noqa: S104 - named to be refused
_LOOPBACK = "127.0.0.1"
OWN_ADDRESSES = (_LOOPBACK, "localhost", "::1")
"""By these this machine reaches itself, and by nothing else is it reached."""


@dataclass(frozen=True)
class Tls:
    """The files that prove who answers."""

    certificate: Path
    key: Path


@dataclass(frozen=True)
class Listener:
    """A socket on an address, which answers only once it is served."""

    bound: socket.socket
    tls: Tls | None

    def close(self) -> None:
        self.bound.close()


def listeners(settings: Settings, *, all_services: bool) -> Sequence[Listener]:
    """The sockets of the settings; raises SettingsError when an address is taken or a certificate does not fit.

    Where one process holds all services and its address is encrypted, it listens on the loopback address too: there the
    services call each other.
    """
    tls = _tls(settings)
    if tls is None or not all_services:
        return [Listener(_bound(settings.host, settings.port), tls)]
    if settings.host in {*_ANYWHERE, *OWN_ADDRESSES}:
        raise SettingsError(
            f"VIGIE_HOST={settings.host}: with a certificate, name the one address of this machine by which phones "
            "reach it; on 127.0.0.1 the services call each other. Example: VIGIE_HOST=192.168.1.20"
        )
    outside = Listener(_bound(settings.host, settings.port), tls)
    try:
        return [Listener(_bound(_LOOPBACK, settings.port), None), outside]
    except SettingsError:
        outside.close()
        raise


def _tls(settings: Settings) -> Tls | None:
    if settings.tls_certificate is None or settings.tls_key is None:
        return None
    try:
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(settings.tls_certificate, settings.tls_key)
    except (OSError, ssl.SSLError) as error:
        raise SettingsError(
            f"VIGIE_TLS_CERTIFICATE and VIGIE_TLS_KEY: {settings.tls_certificate} and {settings.tls_key} cannot be "
            f"used ({error}). Both are PEM files, and the key is that of the certificate."
        ) from None
    return Tls(settings.tls_certificate, settings.tls_key)


def _bound(host: str, port: int) -> socket.socket:
    bound = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
    except OSError as error:
        bound.close()
        raise SettingsError(
            f"VIGIE_PORT: {host}:{port} cannot be listened on ({error.strerror}). "
            "Is Vigie running already? Example: VIGIE_PORT=8080"
        ) from None
    return bound
