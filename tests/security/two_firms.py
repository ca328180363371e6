"""Two clients of one platform that have everything alike, codes and names of users included, but what they are called.

Whatever belongs to one of them bears its mark, so that an answer to the other that holds it tells of a leak.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import httpx2

from tests.e2e.processes import OPERATOR_PASSWORD, Platform
from tests.security.calls import Actor
from tests.stack.waiting import until

AS_OF = date(2026, 9, 17)

_ENTRY = (
    *("company", "journal", "entry_number", "entry_date", "account", "account_label", "third_party"),
    *("third_party_label", "label", "debit", "credit", "piece", "lettering", "kind"),
)


@dataclass
class MarkedFirm:
    """A client with a company, a family, a source, a published extraction, and somebody in every role.

    `ids` says what the parameters of a path stand for when they are to name something of this client; `secrets` holds
    what else it was given or gave and nobody else is to know, by what it is. `amount` is what its one sale brought.
    """

    code: str
    mark: str
    password: str = "a-password-of-the-tests"
    amount: str = "100.00"
    tokens: dict[Actor, str] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)

    def write_dossier(self, folder: Path) -> Path:
        """A dossier of one company and one family, with one sale and one payment."""
        folder.mkdir(parents=True)
        (folder / "dossier.toml").write_text('kind = "single-base"\n')
        for name, lines in {
            "companies": [
                "code,shortcut_code,name,accounting_currency,reporting_currency,reporting_rate",
                f"NORD,NORD,Nord {self.mark},EUR,EUR,",
            ],
            "fiscal_years": ["company,start,end,unit", "NORD,2026-01-01,2026-12-31,month"],
            "families": ["code,shortcut_code,name,companies", f"NORD,GROUPE,Groupe {self.mark},NORD"],
            "sales_lines": [
                "company,document_type,document,line,date,due_date,customer,item,sales_rep,quantity,net_amount,open_amount",
                f"NORD,invoice,F1,1,2026-09-02,,{self.mark},A1,R1,1,{self.amount},",
            ],
            "entries": [
                ",".join(_ENTRY),
                f"NORD,BQ,1,2026-09-03,512000,Banque {self.mark},,,Client,120.00,0,P1,,normal",
                f"NORD,BQ,1,2026-09-03,411000,Clients,C1,{self.mark},Client,0,120.00,P1,,normal",
            ],
        }.items():
            (folder / f"{name}.csv").write_text("\n".join(lines) + "\n")
        return folder


@dataclass(frozen=True)
class Caller:
    """Somebody who calls the platform; `token` none: nobody in particular."""

    platform: Platform
    http: httpx2.AsyncClient
    token: str | None = None

    async def __call__(
        self, method: str, path: str, body: Any = None, query: Mapping[str, str] | None = None
    ) -> httpx2.Response:
        return await self.http.request(
            method, self.platform.url(path), json=body, params=query, headers=self._headers(), timeout=30
        )

    async def head_of(self, path: str) -> httpx2.Response:
        """The answer without its body where it succeeds: it would not end."""
        async with self.http.stream("GET", self.platform.url(path), headers=self._headers(), timeout=30) as answer:
            if not answer.is_success:
                await answer.aread()
            return answer

    async def done(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        """The answer of a call that has to succeed."""
        answer = await self(method, path, body)
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return dict(answer.json()) if answer.content else {}

    def _headers(self) -> dict[str, str]:
        return {} if self.token is None else {"Authorization": f"Bearer {self.token}"}


async def settle(platform: Platform, http: httpx2.AsyncClient, firm: MarkedFirm, folder: Path) -> None:
    """From nothing to a client whose figures are published, with somebody signed in for every role."""
    anybody = Caller(platform, http)
    signed_in = await anybody.done(
        "POST", "/auth/v1/operator/sessions", {"username": "operator", "password": OPERATOR_PASSWORD}
    )
    firm.tokens["operator"] = signed_in["access_token"]
    operator = Caller(platform, http, firm.tokens["operator"])
    made = await operator.done("POST", "/auth/v1/operator/clients", {"code": firm.code, "name": f"SA {firm.mark}"})
    await operator.done(
        "POST",
        f"/auth/v1/operator/clients/{firm.code}/administrators",
        {"username": "administrator", "password": firm.password},
    )
    firm.secrets |= {"the operator's password": OPERATOR_PASSWORD, "the publication password": made["password"]}
    firm.tokens["administrator"] = await sign_in(anybody, firm, "administrator")
    administrator = Caller(platform, http, firm.tokens["administrator"])
    await administrator.done(
        "PUT",
        "/extractor/v1/admin/publication-credentials",
        {"client_code": firm.code, "password": made["password"]},
    )
    dossier = firm.write_dossier(folder / firm.code)
    source = {"kind": "dossier", "location": str(dossier), "companies": None}
    await administrator.done("PUT", "/extractor/v1/admin/sources/books", source)
    await administrator.done("POST", "/extractor/v1/admin/sources/books/import", {"dry_run": False})
    for role in ("mobile", "preparer"):
        await administrator.done(
            "PUT",
            f"/auth/v1/admin/users/{role}",
            {
                "password": firm.password,
                "active": True,
                "role": role,
                "scopes": [{"kind": "company", "code": "NORD"}, {"kind": "family", "code": "NORD"}],
                "may_extract": ["NORD"] if role == "preparer" else [],
                "indicators": None,
            },
        )
    firm.tokens["preparer"] = await sign_in(anybody, firm, "preparer")
    firm.tokens["mobile"] = await sign_in(anybody, firm, "mobile")
    schedule = await administrator.done(
        "POST",
        "/extractor/v1/schedules",
        {"name": f"Daily of {firm.mark}", "rule": {"kind": "daily", "at": "06:30"}, "paused": True},
    )
    deletion = await administrator.done("POST", "/publisher/v1/deletions", {"confirm": firm.code})
    sessions = await administrator.done("GET", "/auth/v1/admin/users/mobile/sessions")
    run = await administrator.done("POST", "/extractor/v1/extractions", {"as_of": AS_OF.isoformat()})

    async def published() -> bool:
        seen = await administrator.done("GET", f"/extractor/v1/extractions/{run['id']}")
        return bool(seen["status"] == "published")

    await until(published, 60)
    firm.ids = {
        "{code}": "NORD",
        "{kind}": "company",
        "{username}": "mobile",
        "{name}": "books",
        "{session_id}": sessions["items"][0]["id"],
        "{run_id}": run["id"],
        "{schedule_id}": schedule["id"],
        "{deletion_id}": deletion["id"],
        "{indicator}": "treasury_position",
        "{queue}": "publisher.indicators",
        "{message_id}": run["id"],
    }


async def sign_in(anybody: Caller, firm: MarkedFirm, actor: Actor) -> str:
    """A new session of the client's user who is called like the role, by its access token."""
    names = {"client_code": firm.code, "username": actor, "password": firm.password}
    if actor == "mobile":
        session = await anybody.done("POST", "/mobile/v1/sessions", {**names, "shortcut_code": "NORD"})
    else:
        session = await anybody.done("POST", "/auth/v1/admin/sessions", names)
    firm.secrets[f"the refresh token of the {actor}"] = session["refresh_token"]
    return str(session["access_token"])
