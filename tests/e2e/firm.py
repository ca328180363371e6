"""A client of the platform, as it uses the API: its operator, its administrator and its phone."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal, Protocol

import httpx2

from tests.e2e.dossiers import AS_OF, COMPANIES, FAMILIES
from tests.e2e.processes import OPERATOR_PASSWORD

ADMINISTRATOR_PASSWORD = "an-administrator-of-the-tests"
PHONE_PASSWORD = "a-phone-user-of-the-tests"
ENDED = ("published", "failed", "cancelled")


class Addressed(Protocol):
    """A platform, wherever its services run."""

    def url(self, path: str) -> str:
        """Where a path is answered."""


class Firm:
    """One client. Every call is made as a person's program would make it; a wrong status fails the test."""

    def __init__(self, platform: Addressed, code: str, http: httpx2.AsyncClient) -> None:
        self.code = code
        self._platform = platform
        self._http = http
        self._administrator: str | None = None

    async def register(self, dossier: Path) -> None:
        """From nothing to a client whose figures can be extracted and read on a phone."""
        operator = await self._token("/auth/v1/operator/sessions", username="operator", password=OPERATOR_PASSWORD)
        made = await self.call("POST", "/auth/v1/operator/clients", {"code": self.code, "name": self.code}, operator)
        await self.call(
            "POST",
            f"/auth/v1/operator/clients/{self.code}/administrators",
            {"username": "admin", "password": ADMINISTRATOR_PASSWORD},
            operator,
        )
        await self.call(
            "PUT",
            "/extractor/v1/admin/publication-credentials",
            {"client_code": self.code, "password": made["password"]},
            await self.administrator(),
        )
        source = {"kind": "dossier", "location": str(dossier), "companies": None}
        await self.call("PUT", "/extractor/v1/admin/sources/books", source, await self.administrator())
        await self.call(
            "POST", "/extractor/v1/admin/sources/books/import", {"dry_run": False}, await self.administrator()
        )
        await self.call(
            "PUT",
            "/auth/v1/admin/users/phone",
            {
                "password": PHONE_PASSWORD,
                "active": True,
                "role": "mobile",
                "scopes": [{"kind": kind, "code": code} for kind, code in all_scopes()],
                "may_extract": [],
                "indicators": None,
            },
            await self.administrator(),
        )

    async def suspend(self) -> None:
        """The platform's operator takes the client out of service."""
        operator = await self._token("/auth/v1/operator/sessions", username="operator", password=OPERATOR_PASSWORD)
        await self.call("POST", f"/auth/v1/operator/clients/{self.code}/suspend", None, operator)

    async def administrator(self) -> str:
        """The administrator's access token."""
        if self._administrator is None:
            self._administrator = await self._token(
                "/auth/v1/admin/sessions", client_code=self.code, username="admin", password=ADMINISTRATOR_PASSWORD
            )
        return self._administrator

    def forget_session(self) -> None:
        """Sign the administrator in anew at the next call."""
        self._administrator = None

    async def phone(self, shortcut_code: str = "tout") -> dict[str, Any]:
        """A phone's session."""
        return await self.call(
            "POST",
            "/mobile/v1/sessions",
            {
                "client_code": self.code,
                "shortcut_code": shortcut_code,
                "username": "phone",
                "password": PHONE_PASSWORD,
            },
        )

    async def extract(self, companies: Iterable[str] = COMPANIES, families: Iterable[str] = tuple(FAMILIES)) -> str:
        """Ask for an extraction, of everything where nothing else is said, and return its id."""
        body = {"companies": list(companies), "families": list(families), "as_of": AS_OF.isoformat()}
        made = await self.call("POST", "/extractor/v1/extractions", body, await self.administrator())
        return str(made["id"])

    async def run(self, extraction: str) -> dict[str, Any]:
        return await self.call("GET", f"/extractor/v1/extractions/{extraction}", None, await self.administrator())

    async def delete(self) -> str:
        """Have everything deleted that was published, and return the deletion's id."""
        made = await self.call("POST", "/publisher/v1/deletions", {"confirm": self.code}, await self.administrator())
        return str(made["id"])

    async def receipt(self, deletion: str) -> dict[str, Any]:
        return await self.call("GET", f"/publisher/v1/deletions/{deletion}", None, await self.administrator())

    async def snapshots(self) -> dict[tuple[str, str], dict[str, Any]]:
        """All that the phone sees, by scope."""
        token = (await self.phone())["access_token"]
        return {
            (kind, code): await self.call("GET", f"/mobile/v1/snapshots/{kind}/{code}", None, token)
            for kind, code in all_scopes()
        }

    async def history(self, kind: str, code: str, indicator: str = "commercial_revenue") -> list[dict[str, Any]]:
        token = (await self.phone())["access_token"]
        path = f"/mobile/v1/snapshots/{kind}/{code}/history?indicator={indicator}"
        return list((await self.call("GET", path, None, token))["items"])

    async def explanations(self, kind: str, code: str, indicators: Iterable[str]) -> dict[str, dict[str, Any]]:
        """What the phone is told that these figures are made of, of those that are explained by now."""
        headers = {"Authorization": f"Bearer {(await self.phone())['access_token']}"}
        found = {}
        for indicator in indicators:
            path = f"/mobile/v1/snapshots/{kind}/{code}/explanations/{indicator}"
            answer = await self._http.get(self._platform.url(path), headers=headers, timeout=30)
            assert answer.status_code in {200, 404}, f"{path}: {answer.status_code} {answer.text}"
            if answer.status_code == 200:
                found[indicator] = dict(answer.json())
        return found

    async def call(
        self, method: Literal["GET", "POST", "PUT", "DELETE"], path: str, body: Any = None, token: str | None = None
    ) -> dict[str, Any]:
        answer = await self.asked(method, path, body, token)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return dict(answer.json()) if answer.content else {}

    async def asked(
        self,
        method: Literal["GET", "POST", "PUT", "DELETE"],
        path: str,
        body: Any = None,
        token: str | None = None,
        key: str | None = None,
    ) -> httpx2.Response:
        """The answer to a call, whatever it is; `key` is its Idempotency-Key."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        if key is not None:
            headers["Idempotency-Key"] = key
        return await self._http.request(method, self._platform.url(path), json=body, headers=headers, timeout=30)

    async def _token(self, path: str, **who: str) -> str:
        return str((await self.call("POST", path, who))["access_token"])


def all_scopes() -> Iterable[tuple[str, str]]:
    """The scopes of the dossier, by kind and code."""
    yield from (("company", code) for code in COMPANIES)
    yield from (("family", code) for code in FAMILIES)
