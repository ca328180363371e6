"""An auth of the test's own: a small ASGI app with real Ed25519 keys, that a test can suspend, sever and inspect."""

import json
import secrets
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

from joserfc import jwt
from joserfc.jwk import OKPKey
from starlette.types import Receive, Scope, Send

from vigie_shared.access import ACCESS_AUDIENCE, ACCESS_TYPE, ALGORITHM, GRANT_AUDIENCE, GRANT_TYPE, ISSUER
from vigie_shared.events import CompanyData, FamilyData, FiscalYearData, Role, utc_text

PASSWORD = "publication-" + secrets.token_hex(8)


def company(code: str, **changes: Any) -> CompanyData:
    """A company of the directory, whose fiscal year is the calendar year."""
    years = tuple(FiscalYearData(start=date(year, 1, 1), end=date(year, 12, 31), unit="month") for year in (2025, 2026))
    usual = CompanyData(
        code=code,
        shortcut_code=code,
        name=code.capitalize(),
        accounting_currency="EUR",
        reporting_currency="EUR",
        reporting_rate="1",
        fiscal_years=years,
        to_extract=True,
    )
    return usual.model_copy(update=changes)


def family(code: str, *companies: str, to_extract: bool = True) -> FamilyData:
    return FamilyData(code=code, shortcut_code=code, name=code.capitalize(), companies=companies, to_extract=to_extract)


@dataclass
class Tenant:
    """One client as auth knows it."""

    dossier_kind: str | None = "single-base"
    companies: list[CompanyData] = field(default_factory=lambda: [company("NORD"), company("SUD")])
    families: list[FamilyData] = field(default_factory=lambda: [family("GROUPE", "NORD", "SUD")])
    may_extract: dict[str, list[str]] = field(default_factory=dict)
    """By user name; whoever is not named may extract every company."""
    password: str = PASSWORD
    suspended: bool = False
    published_indicators: list[str] | None = None

    def directory(self, username: str) -> dict[str, Any]:
        every = [one.code for one in self.companies]
        return {
            "dossier_kind": self.dossier_kind,
            "companies": [one.model_dump(mode="json") for one in self.companies],
            "families": [one.model_dump(mode="json") for one in self.families],
            "may_extract": self.may_extract.get(username, every),
        }


Answer = tuple[int, Any]


class AuthDouble:
    """What the extractor asks of auth. `away` has it answer nothing useful; `calls` are the paths asked for."""

    def __init__(self) -> None:
        self.key = OKPKey.generate_key("Ed25519", {"kid": "tests", "alg": ALGORITHM, "use": "sig"})
        self.tenants: dict[str, Tenant] = {}
        self.away = False
        self.throttled = False
        self.calls: list[str] = []
        self.imports: list[dict[str, Any]] = []
        self.ended: set[str] = set()
        """Users whose sessions have ended."""
        self._grants: dict[str, str] = {}
        self._routes: dict[tuple[str, str], Callable[[dict[str, Any], Any], Awaitable[Answer]]] = {
            ("GET", "/auth/v1/jwks"): self._keys,
            ("GET", "/auth/v1/rights"): self._rights,
            ("GET", "/auth/v1/admin/directory"): self._directory,
            ("PUT", "/auth/v1/admin/directory/import"): self._import,
            ("GET", "/auth/v1/admin/published-indicators"): self._published,
            ("PUT", "/auth/v1/admin/published-indicators"): self._publish,
            ("POST", "/auth/v1/publication-credentials/checks"): self._check,
            ("POST", "/auth/v1/publication-grants"): self._grant,
        }

    def token(self, client: str | None, username: str = "admin", role: Role = "administrator", **claims: Any) -> str:
        """An access token as auth signs it."""
        now = int(time.time())
        payload = {
            "iss": ISSUER,
            "aud": ACCESS_AUDIENCE,
            "sub": username,
            "client": client,
            "role": role,
            "sid": str(uuid4()),
            "iat": now,
            "exp": now + 300,
            **claims,
        }
        return self._sign(ACCESS_TYPE, payload)

    def _sign(self, kind: str, payload: dict[str, Any]) -> str:
        return jwt.encode({"alg": ALGORITHM, "kid": "tests", "typ": kind}, payload, self.key, algorithms=[ALGORITHM])

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.calls.append(scope["path"])
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        status, answer = await self._answer(scope, json.loads(body) if body else None)
        content = b"" if answer is None else json.dumps(answer).encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(content)).encode())]
        if status == 429:
            headers.append((b"retry-after", b"7"))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": content})

    async def _answer(self, scope: Scope, body: Any) -> Answer:
        if self.away:
            return 503, {"detail": "away"}
        route = self._routes.get((scope["method"], scope["path"]))
        if route is None:
            return 404, {"detail": "no such call"}
        headers = dict(scope["headers"])
        bearer = headers.get(b"authorization", b"").decode().removeprefix("Bearer ")
        claims = jwt.decode(bearer, self.key, algorithms=[ALGORITHM]).claims if bearer else {}
        return await route(claims, body)

    async def _keys(self, _claims: dict[str, Any], _body: Any) -> Answer:
        return 200, {"keys": [self.key.as_dict(private=False)]}

    async def _rights(self, claims: dict[str, Any], _body: Any) -> Answer:
        if claims["sub"] in self.ended:
            return 401, {"detail": "the session has ended"}
        tenant = self.tenants[claims["client"]]
        may_extract = tenant.directory(claims["sub"])["may_extract"]
        return 200, {"scopes": [], "indicators": None, "may_extract": may_extract}

    async def _directory(self, claims: dict[str, Any], _body: Any) -> Answer:
        if claims["sub"] in self.ended:
            return 401, {"detail": "the session has ended"}
        return 200, self.tenants[claims["client"]].directory(claims["sub"])

    async def _import(self, claims: dict[str, Any], body: Any) -> Answer:
        self.imports.append({"client": claims["client"], **body})
        known = {one.code for one in self.tenants[claims["client"]].companies}
        created = [{"kind": "company", "code": one["code"]} for one in body["companies"] if one["code"] not in known]
        return 200, {"created": created, "changed": [], "unchanged": len(body["companies"]) - len(created)}

    async def _published(self, claims: dict[str, Any], _body: Any) -> Answer:
        return 200, {"indicators": self.tenants[claims["client"]].published_indicators}

    async def _publish(self, claims: dict[str, Any], body: Any) -> Answer:
        if claims["sub"] in self.ended:
            return 401, {"detail": "the session has ended"}
        self.tenants[claims["client"]].published_indicators = body["indicators"]
        return 200, body

    async def _check(self, _claims: dict[str, Any], body: Any) -> Answer:
        if self.throttled:
            return 429, {"detail": "too many guesses"}
        tenant = self.tenants[body["client_code"]]
        if body["password"] != tenant.password:
            return 422, {"detail": "refused", "reason": "credentials_refused"}
        return (422, {"detail": "suspended", "reason": "client_suspended"}) if tenant.suspended else (204, None)

    async def _grant(self, _claims: dict[str, Any], body: Any) -> Answer:
        client = body["client_code"]
        tenant = self.tenants[client]
        if self.throttled:
            return 429, {"detail": "too many guesses"}
        if tenant.suspended:
            return 403, {"detail": "suspended", "reason": "client_suspended"}
        if body["password"] != tenant.password:
            return 403, {"detail": "refused", "reason": "credentials_refused"}
        started = self._grants.setdefault(
            body["extraction_id"], utc_text(datetime(2026, 11, 24, tzinfo=UTC) + timedelta(seconds=len(self._grants)))
        )
        payload = {
            "iss": ISSUER,
            "aud": GRANT_AUDIENCE,
            "client": client,
            "extraction_id": body["extraction_id"],
            "started_at": started,
            "iat": int(time.time()),
        }
        return 200, {
            "grant": self._sign(GRANT_TYPE, payload),
            "started_at": started,
            "directory": tenant.directory(body["username"]),
            "published_indicators": tenant.published_indicators,
        }
