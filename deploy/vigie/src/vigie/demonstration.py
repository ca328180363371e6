"""The demonstration: a client, its directory, its dossier and a first extraction, set up as a client would by the API.

Every step can be repeated: what is there already is left as it is, so a start that was cut short, or a second one,
ends in the same state.
"""

import asyncio
import os
import secrets
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal

import httpx2

from vigie_shared.errors import VigieError

CLIENT = "DEMO"
OPERATOR, ADMINISTRATOR, PHONE_USER = "operator", "admin", "demo"
SOURCE = "demonstration"
COMPANIES, FAMILY = ("NORD", "SUD"), "GROUPE"
SHORTCUT_CODES = (FAMILY, *COMPANIES)
PASSWORD_VARIABLE = "VIGIE_DEMO_PASSWORD"  # noqa: S105 - the name of a variable, not a password


class DemonstrationError(VigieError):
    """The demonstration could not be set up; the message says at which step and why."""


@dataclass(frozen=True)
class SignIn:
    """How to sign in to the demonstration."""

    address: str
    password: str


def password_for(folder: Path) -> str:
    """The demonstration's password: VIGIE_DEMO_PASSWORD, else one made once and kept in `folder` for its owner only."""
    given = os.environ.get(PASSWORD_VARIABLE)
    if given:
        return given
    kept = folder / "demonstration-password"
    if not kept.exists():
        folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(kept, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(15))
    return kept.read_text().strip()


class Demonstration:
    """Sets up the demonstration client on the Vigie that answers at `address`."""

    def __init__(self, address: str, password: str, folder: Path, write_dossier: Callable[[Path, date], None]) -> None:
        self._password = password
        self._folder = folder / "demonstration"
        self._write_dossier = write_dossier
        self._http = httpx2.AsyncClient(base_url=address, timeout=30)
        self._token: str | None = None

    async def set_up(self, today: date) -> None:
        """Everything that a phone needs to show the demonstration's figures as of `today`."""
        async with self._http:
            await self._register_client()
            await self._sign_in("/auth/v1/admin/sessions", {"client_code": CLIENT, "username": ADMINISTRATOR})
            await self._connect_source(today)
            await self._authorise_phone()
            await self._extract(today)

    async def _register_client(self) -> None:
        """As the platform's operator: the client, its administrator, and the credentials that let it publish (R1)."""
        await self._sign_in("/auth/v1/operator/sessions", {"username": OPERATOR})
        created = await self._call(
            "POST", "/auth/v1/operator/clients", {"code": CLIENT, "name": "Démonstration"}, accept=(201, 409)
        )
        administrator = {"username": ADMINISTRATOR, "password": self._password}
        made = await self._call(
            "POST", f"/auth/v1/operator/clients/{CLIENT}/administrators", administrator, accept=(201, 409)
        )
        if made.status_code == 409:
            await self._check_administrator()
        publication_password = created.json().get("password") if created.status_code == 201 else None
        operator_token = self._token
        await self._sign_in("/auth/v1/admin/sessions", {"client_code": CLIENT, "username": ADMINISTRATOR})
        if publication_password is None:
            known = await self._call("GET", "/extractor/v1/admin/publication-credentials", accept=(200, 404))
            if known.status_code == 200 and known.json().get("registered"):
                return
            self._token = operator_token
            rotated = await self._call("POST", f"/auth/v1/operator/clients/{CLIENT}/rotate-password")
            publication_password = rotated.json()["password"]
            await self._sign_in("/auth/v1/admin/sessions", {"client_code": CLIENT, "username": ADMINISTRATOR})
        await self._call(
            "PUT",
            "/extractor/v1/admin/publication-credentials",
            {"client_code": CLIENT, "password": publication_password},
        )

    async def _check_administrator(self) -> None:
        answer = await self._http.post(
            "/auth/v1/admin/sessions",
            json={"client_code": CLIENT, "username": ADMINISTRATOR, "password": self._password},
        )
        if answer.status_code == 401:
            raise DemonstrationError(
                f"The demonstration was set up with another password. Set {PASSWORD_VARIABLE} to it, or remove the "
                "data folder (VIGIE_DATA, by default .vigie) to start afresh."
            )

    async def _connect_source(self, today: date) -> None:
        """Write the books as they stand today, and bring companies and family into the directory."""
        dossier = await asyncio.to_thread(self._dossier, today)
        await self._call(
            "PUT",
            f"/extractor/v1/admin/sources/{SOURCE}",
            {"kind": "dossier", "location": str(dossier), "companies": None},
        )
        await self._call("POST", f"/extractor/v1/admin/sources/{SOURCE}/import", {"dry_run": False})

    def _dossier(self, today: date) -> Path:
        """The folder of today's dossier. It appears whole or not at all, and those of other days are removed."""
        dossier = (self._folder / today.isoformat()).resolve()
        if not dossier.exists():
            shutil.rmtree(self._folder, ignore_errors=True)
            unfinished = dossier.with_suffix(".unfinished")
            self._write_dossier(unfinished, today)
            unfinished.rename(dossier)
        return dossier

    async def _authorise_phone(self) -> None:
        scopes = [{"kind": "company", "code": code} for code in COMPANIES] + [{"kind": "family", "code": FAMILY}]
        await self._call(
            "PUT",
            f"/auth/v1/admin/users/{PHONE_USER}",
            {
                "password": self._password,
                "active": True,
                "role": "mobile",
                "scopes": scopes,
                "may_extract": [],
                "indicators": None,
            },
        )

    async def _extract(self, today: date) -> None:
        """Run today's extraction, once however often the demonstration is started, and wait until phones see it."""
        started = await self._call(
            "POST",
            "/extractor/v1/extractions",
            {"companies": list(COMPANIES), "families": [FAMILY], "as_of": today.isoformat()},
            headers={"Idempotency-Key": f"demonstration-{today.isoformat()}"},
        )
        path = f"/extractor/v1/extractions/{started.json()['id']}"
        async with self._http.stream("GET", f"{path}/events", headers=self._bearer(), timeout=120) as events:
            async for _ in events.aiter_lines():
                pass
        run = (await self._call("GET", path)).json()
        if run["status"] != "published":
            raise DemonstrationError(f"The first extraction ended as {run['status']}: {run['anomalies']}")

    async def _sign_in(self, path: str, who: dict[str, str]) -> None:
        self._token = None
        self._token = (await self._call("POST", path, {**who, "password": self._password})).json()["access_token"]

    async def _call(
        self,
        method: Literal["GET", "POST", "PUT"],
        path: str,
        body: Any = None,
        *,
        accept: tuple[int, ...] = (),
        headers: dict[str, str] | None = None,
    ) -> httpx2.Response:
        answer = await self._http.request(method, path, json=body, headers={**self._bearer(), **(headers or {})})
        if answer.status_code in accept or (not accept and answer.is_success):
            return answer
        raise DemonstrationError(f"{method} {path} was answered with {answer.status_code}: {answer.text}")

    def _bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._token}"} if self._token else {}
