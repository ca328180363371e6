"""A phone nearby: `VIGIE_HOST` names an address of this machine, and `vigie run` answers there over HTTPS."""

import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from vigie.front import AUTHORITY_PATH
from vigie.listening import OWN_ADDRESSES
from vigie.local_authority import LocalCertificate, certificate_for
from vigie_shared.settings import Settings, SettingsError, load

TLS_FOLDER = "tls"


@dataclass(frozen=True)
class Nearby:
    """Where phones nearby reach this machine, and what proves that it is this machine."""

    address: str
    certificate: LocalCertificate


def settings_for_nearby() -> tuple[Settings, Nearby | None]:
    """The settings, and how phones reach this machine where they do. An address of this machine in VIGIE_HOST without a
    certificate gets one of its own; it is set in the environment, from which every service takes its settings."""
    host = os.environ.get("VIGIE_HOST", "127.0.0.1")
    if host in OWN_ADDRESSES or any(f"VIGIE_{name}" in os.environ for name in ("TLS_CERTIFICATE", "ALLOW_PLAINTEXT")):
        return load(Settings), None
    folder = Path(os.environ.get("VIGIE_DATA", ".vigie")) / TLS_FOLDER
    try:
        certificate = certificate_for(host, folder, datetime.now(UTC))
    except ValueError as error:
        raise SettingsError(f"VIGIE_HOST: {host!r} is no address ({error}). Example: VIGIE_HOST=192.168.1.20") from None
    os.environ["VIGIE_TLS_CERTIFICATE"] = str(certificate.certificate)
    os.environ["VIGIE_TLS_KEY"] = str(certificate.key)
    settings = load(Settings)
    shown = f"[{host}]" if ":" in host else host
    return settings, Nearby(f"https://{shown}:{settings.port}", certificate)


def how_to_trust(nearby: Nearby) -> str:
    """What the owner of an iPhone does once, French first, English second."""
    return f"""
Sur l'iPhone, une fois · On the iPhone, once:

1. Safari : {nearby.address}{AUTHORITY_PATH} — « Visiter ce site », « Autoriser » · "visit this website", "Allow"
2. Réglages › Profil téléchargé › Installer · Settings › Profile Downloaded › Install
   Empreinte SHA-256 à comparer · fingerprint to compare:
   {nearby.certificate.fingerprint}
3. Réglages › Général › Informations › Réglages des certificats : activer Vigie ·
   Settings › General › About › Certificate Trust Settings: switch Vigie on
4. Safari : {nearby.address} — Partager › Sur l'écran d'accueil · Share › Add to Home Screen
"""
