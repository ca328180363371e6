"""Settings: environment variables `VIGIE_...`, checked before anything starts.

A wrong value stops the start with the name, the problem and an example; a secret is never repeated. A link that leaves
this machine must be encrypted: a service asked to listen or to connect elsewhere without TLS does not start, unless
VIGIE_ALLOW_PLAINTEXT=1 says that something in front takes care of it.
"""

import ipaddress
import os
import secrets
from pathlib import Path
from typing import ClassVar, Self, TypeVar
from urllib.parse import parse_qs, urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from vigie_shared.errors import VigieError
from vigie_shared.sealing import SealingKeys

SMTP_PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}
"""How mail leaves, and the port where none is named: in the clear, encrypted once asked, encrypted from the start."""


class SettingsError(VigieError):
    """One or more settings are wrong; the message names each, its problem and an example."""


class Settings(BaseSettings):
    """What every service needs to know. Each service adds its own in its settings.py."""

    model_config = SettingsConfigDict(env_prefix="VIGIE_", frozen=True, extra="ignore")

    service: ClassVar[str] = ""

    host: str = Field("127.0.0.1", description="Address to listen on", examples=["127.0.0.1"])
    port: int = Field(8000, ge=1, le=65535, description="Port to listen on", examples=["8000"])
    tls_certificate: Path | None = Field(
        None,
        description="Certificate (PEM, with its chain) by which this process answers over TLS; with VIGIE_TLS_KEY",
        examples=["/etc/vigie/certificate.pem"],
    )
    tls_key: Path | None = Field(None, description="Key of that certificate (PEM)", examples=["/etc/vigie/key.pem"])
    data: Path = Field(Path(".vigie"), description="Folder for what is kept on this machine", examples=[".vigie"])
    database_url: SecretStr | None = Field(
        None,
        description="PostgreSQL, as the owner of the database or as the role of the one service that is started",
        examples=["postgresql://vigie@127.0.0.1:5432/vigie"],
    )
    amqp_url: SecretStr | None = Field(None, description="RabbitMQ", examples=["amqp://vigie:secret@127.0.0.1:5672/"])
    bus_prefix: str = Field(
        "",
        pattern=r"^[A-Za-z0-9_.-]{0,60}$",
        description="Stands before the names of exchange and queues, so that platforms can share a broker",
        examples=["staging."],
    )
    auth_url: str | None = Field(None, description="Where auth answers", examples=["http://127.0.0.1:8001"])
    extractor_url: str | None = Field(
        None, description="Where the extractor answers", examples=["http://127.0.0.1:8002"]
    )
    publisher_url: str | None = Field(
        None, description="Where the publisher answers", examples=["http://127.0.0.1:8003"]
    )
    mobile_gateway_url: str | None = Field(
        None, description="Where the mobile gateway answers", examples=["http://127.0.0.1:8004"]
    )
    trusted_proxies: str = Field(
        "127.0.0.1",
        description="Addresses and networks of the proxies, the mobile gateway among them, whose X-Forwarded-For is "
        "believed, separated by commas: guesses at passwords are counted by the address that they tell",
        examples=["127.0.0.1,10.0.0.0/24"],
    )
    sealing_key: SecretStr | None = Field(
        None,
        description="Seals what is stored secretly (signing keys, publication credentials): 32 bytes in hexadecimal. "
        "Absent: a key made once and kept as `sealing.key` in VIGIE_DATA",
        examples=["<64 hexadecimal digits>"],
    )
    sealing_keys: SecretStr | None = Field(
        None,
        description="Several sealing keys, to replace one: the first seals, all open, and so does VIGIE_SEALING_KEY or "
        "the kept key if there is one. 32 bytes in hexadecimal each, separated by commas",
        examples=["<new: 64 hexadecimal digits>,<old: 64 hexadecimal digits>"],
    )
    smtp_url: SecretStr | None = Field(
        None,
        description="Server that takes the mail of Vigie: smtps:// or smtp+starttls://, on this machine also smtp://. "
        "Absent: no mail is sent, and what was not sent is logged and counted",
        examples=["smtps://vigie:secret@mail.example"],
    )
    mail_from: str = Field(
        "vigie@localhost",
        pattern=r"^[^@\s<>,]{1,64}@[A-Za-z0-9.-]{1,190}$",
        description="Address that Vigie writes from",
        examples=["vigie@firm.example"],
    )
    allow_plaintext: bool = Field(False, description="Accept links that leave this machine unencrypted", examples=["1"])

    @field_validator("auth_url", "extractor_url", "publisher_url", "mobile_gateway_url")
    @classmethod
    def _http_address(cls, value: str | None) -> str | None:
        if value is not None and (urlsplit(value).scheme not in {"http", "https"} or not urlsplit(value).hostname):
            raise ValueError("is not an http or https address")
        return value.rstrip("/") if value else value

    @field_validator("database_url")
    @classmethod
    def _postgres_address(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and urlsplit(value.get_secret_value()).scheme not in {"postgres", "postgresql"}:
            raise ValueError("is not a postgresql address")
        return value

    @field_validator("amqp_url")
    @classmethod
    def _amqp_address(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and urlsplit(value.get_secret_value()).scheme not in {"amqp", "amqps"}:
            raise ValueError("is not an amqp or amqps address")
        return value

    @field_validator("smtp_url")
    @classmethod
    def _smtp_address(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            parts = urlsplit(value.get_secret_value())
            if parts.scheme not in SMTP_PORTS or not parts.hostname:
                raise ValueError("is not an smtps, smtp+starttls or smtp address")
        return value

    @field_validator("trusted_proxies")
    @classmethod
    def _addresses_and_networks(cls, value: str) -> str:
        for text in value.split(","):
            try:
                ipaddress.ip_network(text.strip())
            except ValueError:
                raise ValueError(
                    f"{text.strip()[:60]!r} is no address and no network; whoever is believed without being named can "
                    "claim any address, and guess passwords from each"
                ) from None
        return value

    @field_validator("sealing_key")
    @classmethod
    def _thirty_two_bytes(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not _is_key(value.get_secret_value()):
            raise ValueError("is not 64 hexadecimal digits")
        return value

    @field_validator("sealing_keys")
    @classmethod
    def _thirty_two_bytes_each(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            wrong = [place for place, text in enumerate(_listed(value), start=1) if not _is_key(text)]
            if wrong:
                raise ValueError(f"is not a list of 64 hexadecimal digits each; number {wrong[0]} is not")
        return value

    @model_validator(mode="after")
    def _encrypted_outside_this_machine(self) -> Self:
        if (self.tls_certificate is None) != (self.tls_key is None):
            raise ValueError("VIGIE_TLS_CERTIFICATE and VIGIE_TLS_KEY are given together or not at all")
        if self.allow_plaintext:
            return self
        if not is_loopback(self.host) and self.tls_certificate is None:
            raise ValueError(
                f"VIGIE_HOST={self.host} listens outside this machine without TLS; give VIGIE_TLS_CERTIFICATE and "
                "VIGIE_TLS_KEY, or put a TLS proxy in front and set VIGIE_ALLOW_PLAINTEXT=1, or listen on 127.0.0.1"
            )
        for name in ("auth_url", "extractor_url", "publisher_url", "mobile_gateway_url"):
            address = getattr(self, name)
            if address and urlsplit(address).scheme == "http" and not is_loopback(urlsplit(address).hostname):
                raise ValueError(f"VIGIE_{name.upper()} leaves this machine unencrypted; use https")
        if self.amqp_url is not None:
            parts = urlsplit(self.amqp_url.get_secret_value())
            if parts.scheme == "amqp" and not is_loopback(parts.hostname):
                raise ValueError("VIGIE_AMQP_URL leaves this machine unencrypted; use amqps")
        if self.smtp_url is not None:
            parts = urlsplit(self.smtp_url.get_secret_value())
            if parts.scheme == "smtp" and not is_loopback(parts.hostname):
                raise ValueError("VIGIE_SMTP_URL leaves this machine unencrypted; use smtps or smtp+starttls")
        if self.database_url is not None:
            parts = urlsplit(self.database_url.get_secret_value())
            mode = parse_qs(parts.query).get("sslmode", [""])[0]
            local = is_loopback(parts.hostname) if parts.hostname else True
            if not local and mode not in {"require", "verify-ca", "verify-full"}:
                raise ValueError("VIGIE_DATABASE_URL leaves this machine unencrypted; add ?sslmode=verify-full")
        return self

    def address_of(self, service: str) -> str:
        """Where another service answers: as set, else at this process's own port, which holds all services then."""
        given: str | None = getattr(self, f"{service.replace('-', '_')}_url")
        return given or f"http://127.0.0.1:{self.port}"

    def sealing(self) -> SealingKeys:
        """The keys that seal and open stored secrets: as set, else the one kept in VIGIE_DATA, made at the first need.
        The one that was used before VIGIE_SEALING_KEYS was set goes on opening what it has sealed."""
        listed = _listed(self.sealing_keys) if self.sealing_keys is not None else []
        keys = [bytes.fromhex(text) for text in listed]
        kept = self.data / "sealing.key"
        if self.sealing_key is not None:
            keys.append(bytes.fromhex(self.sealing_key.get_secret_value()))
        elif not keys or kept.exists():
            keys.append(_kept_key(kept))
        current, *earlier = dict.fromkeys(keys)
        return SealingKeys(current, tuple(earlier))


S = TypeVar("S", bound=Settings)


def load(kind: type[S]) -> S:
    """The settings from the environment. Raises SettingsError with everything that is wrong with them."""
    try:
        return kind()
    except ValidationError as error:
        raise SettingsError("\n".join(_complaint(kind, one) for one in error.errors())) from None


def _complaint(kind: type[Settings], finding: object) -> str:
    details = dict(finding) if isinstance(finding, dict) else {}
    message = str(details.get("msg", "is wrong")).removeprefix("Value error, ")
    location = details.get("loc", ())
    if not location:
        return message
    name = str(location[0])
    field = kind.model_fields.get(name)
    examples = field.examples if field is not None and field.examples else []
    example = f" Example: VIGIE_{name.upper()}={examples[0]}" if examples else ""
    return f"VIGIE_{name.upper()}: {message}.{example}"


def prefix_of(service: str) -> str:
    """The beginning of all paths of a service's calls, for instance `/mobile/v1`."""
    return f"/{service.removesuffix('-gateway')}/v1"


def is_loopback(host: str | None) -> bool:
    """Whether `host` names this machine alone: what listens there is heard by nobody else."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False


def _listed(keys: SecretStr) -> list[str]:
    return [text.strip() for text in keys.get_secret_value().split(",")]


def _is_key(text: str) -> bool:
    try:
        return len(bytes.fromhex(text)) == 32
    except ValueError:
        return False


def _kept_key(path: Path) -> bytes:
    """The key in `path`, made there by whichever process comes first; only its owner can read it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_hex(32))
    try:
        os.link(fresh, path)
    except FileExistsError:
        pass
    finally:
        fresh.unlink()
    return bytes.fromhex(path.read_text().strip())
