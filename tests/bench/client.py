"""A client of the platform, set up over HTTP as an operator and an administrator do it."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Literal
from uuid import UUID, uuid4

import httpx2

from tests.bench.platform import Platform
from tests.bench.results import NotMeasurable
from tests.stack.process import wait_until
from vigie_shared.events import NamedScope, ScopeKind

CODE, PHONE_USER, ADMINISTRATOR = "BENCH", "reader", "administrator"
_SOURCE = "books"

Method = Literal["GET", "POST", "PUT"]


class Client:
    """A new client with its publication credentials; its administrator and its phone user share a password."""

    def __init__(self, platform: Platform) -> None:
        self._services = platform.services
        self._password = secrets.token_urlsafe(16)
        self._http = httpx2.Client(timeout=30)
        operator = self._token("auth", "/operator/sessions", username="operator", password=platform.operator_password)
        made = self._call(operator, "POST", "auth", "/operator/clients", {"code": CODE, "name": "Bench"})
        self._publication_password = made["password"]
        typed = {"username": ADMINISTRATOR, "password": self._password}
        self._call(operator, "POST", "auth", f"/operator/clients/{CODE}/administrators", typed)
        self._administrator = self._token("auth", "/admin/sessions", client_code=CODE, **typed)

    def extract(self, dossier: Path, as_of: date) -> list[NamedScope]:
        """Publish the figures of a dossier, let the phone user see them, and return what there is to see."""
        given = {"client_code": CODE, "password": self._publication_password}
        self._administer("PUT", "extractor", "/admin/publication-credentials", given)
        source = {"kind": "dossier", "location": str(dossier.resolve()), "companies": None}
        self._administer("PUT", "extractor", f"/admin/sources/{_SOURCE}", source)
        self._administer("POST", "extractor", f"/admin/sources/{_SOURCE}/import", {"dry_run": False})
        scopes = [*self._listed("company", "companies"), *self._listed("family", "families")]
        self._let_phone_see(scopes)
        started = self._administer("POST", "extractor", "/extractions", {"as_of": as_of.isoformat()})
        self._wait_until_published(started["id"])
        return scopes

    def grant(self) -> tuple[UUID, str]:
        """An extraction that auth lets publish, and the grant that proves it."""
        extraction_id = uuid4()
        asked = {
            "client_code": CODE,
            "password": self._publication_password,
            "extraction_id": str(extraction_id),
            "username": ADMINISTRATOR,
        }
        return extraction_id, self._call(None, "POST", "auth", "/publication-grants", asked)["grant"]

    def phone_token(self, shortcut_code: str) -> str:
        """The access token of the phone user, newly signed in at the gateway."""
        return self._token(
            "mobile-gateway",
            "/sessions",
            client_code=CODE,
            shortcut_code=shortcut_code,
            username=PHONE_USER,
            password=self._password,
        )

    def _listed(self, kind: ScopeKind, path: str) -> list[NamedScope]:
        listed = self._administer("GET", "auth", f"/admin/{path}")
        return [NamedScope(kind=kind, code=one["code"], name=one["name"]) for one in listed["items"]]

    def _let_phone_see(self, scopes: Sequence[NamedScope]) -> None:
        seen = [{"kind": scope.kind, "code": scope.code} for scope in scopes]
        user = {"password": self._password, "active": True, "role": "mobile", "scopes": seen}
        self._administer("PUT", "auth", f"/admin/users/{PHONE_USER}", user)

    def _wait_until_published(self, extraction_id: str) -> None:
        def published() -> bool:
            run = self._administer("GET", "extractor", f"/extractions/{extraction_id}")
            if run["status"] in {"failed", "cancelled"}:
                raise NotMeasurable(f"the extraction to be read ended as {run['status']}: {run['anomalies']}")
            return bool(run["status"] == "published")

        wait_until(published, within=120, what="the extraction published")

    def _administer(self, method: Method, service: str, path: str, sent: Mapping[str, Any] | None = None) -> Any:
        return self._call(self._administrator, method, service, path, sent)

    def _token(self, service: str, path: str, **typed: str) -> str:
        return str(self._call(None, "POST", service, path, typed)["access_token"])

    def _call(
        self, token: str | None, method: Method, service: str, path: str, sent: Mapping[str, Any] | None = None
    ) -> Any:
        url = f"{self._services[service].address}/{service.removesuffix('-gateway')}/v1{path}"
        headers = {"Authorization": f"Bearer {token}"} if token is not None else {}
        answer = self._http.request(method, url, json=sent, headers=headers)
        if not answer.is_success:
            raise NotMeasurable(f"{method} {url} was answered with {answer.status_code}: {answer.text}")
        return answer.json() if answer.content else None
