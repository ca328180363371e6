"""Every call of every service, and for whom it is: the table that the OpenAPI documents are held to.

A call that a document names and this table does not fails the tests, and so does one that is here and nowhere else.
"""

from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import uuid4

Actor = Literal["nobody", "mobile", "preparer", "administrator", "operator"]
ACTORS: tuple[Actor, ...] = ("nobody", "mobile", "preparer", "administrator", "operator")

EVERYBODY = frozenset(ACTORS)
SIGNED_IN: frozenset[Actor] = frozenset({"mobile", "preparer", "administrator"})
EXTRACTING: frozenset[Actor] = frozenset({"preparer", "administrator"})
ADMINISTRATOR: frozenset[Actor] = frozenset({"administrator"})
OPERATOR: frozenset[Actor] = frozenset({"operator"})

Call = tuple[str, str]
"""Method and path pattern, as in an OpenAPI document."""


@dataclass(frozen=True)
class Access:
    """`allowed`: who may make the call. `body`: one that it takes. `query`: what it cannot do without.

    `streams`: it answers until it is left, so that only its head is looked at. `ends`: it ends its session.
    """

    allowed: frozenset[Actor]
    body: Any = None
    query: dict[str, str] = field(default_factory=dict)
    streams: bool = False
    ends: bool = False


_NAMES = {"client_code": "A", "username": "b", "password": "c"}
_COMPANY = {
    "name": "Other",
    "shortcut_code": "other",
    "accounting_currency": "EUR",
    "reporting_currency": "EUR",
    "reporting_rate": "1",
    "fiscal_years": [],
    "to_extract": False,
}
_USER = {
    "active": False,
    "role": "mobile",
    "scopes": [],
    "may_extract": [],
    "indicators": None,
}
_SOURCE = {"kind": "dossier", "location": "/nowhere", "companies": None}
_EXTRACTION = {"companies": ["NORD"], "families": []}
_RULE = {"rule": {"kind": "daily", "at": "06:30"}}
_PARKED = {"queue": "nowhere", "ids": [str(uuid4())]}


def _of_every_service() -> dict[Call, Access]:
    """What each service has alike: its audit and its parked messages."""
    found: dict[Call, Access] = {}
    for prefix in ("auth", "extractor", "publisher", "mobile"):
        found["get", f"/{prefix}/v1/admin/audit"] = Access(ADMINISTRATOR)
        found["get", f"/{prefix}/v1/operator/audit"] = Access(OPERATOR)
    for prefix in ("extractor", "publisher", "mobile"):
        found["get", f"/{prefix}/v1/operator/parked"] = Access(OPERATOR)
        found["get", f"/{prefix}/v1/operator/parked/{{queue}}/{{message_id}}"] = Access(OPERATOR)
        found["post", f"/{prefix}/v1/operator/parked/replay"] = Access(OPERATOR, _PARKED)
        found["post", f"/{prefix}/v1/operator/parked/drop"] = Access(OPERATOR, _PARKED)
    return found


CALLS: dict[Call, Access] = {
    **_of_every_service(),
    # auth
    ("get", "/auth/v1/jwks"): Access(EVERYBODY),
    ("post", "/auth/v1/sessions"): Access(EVERYBODY, {**_NAMES, "shortcut_code": "d"}),
    ("post", "/auth/v1/admin/sessions"): Access(EVERYBODY, _NAMES),
    ("post", "/auth/v1/operator/sessions"): Access(EVERYBODY, {"username": "b", "password": "c"}),
    ("post", "/auth/v1/sessions/refresh"): Access(EVERYBODY, {"refresh_token": "x"}),
    ("post", "/auth/v1/publication-credentials/checks"): Access(EVERYBODY, {"client_code": "A", "password": "c"}),
    ("post", "/auth/v1/publication-grants"): Access(EVERYBODY, {**_NAMES, "extraction_id": str(uuid4())}),
    ("delete", "/auth/v1/sessions/current"): Access(SIGNED_IN, ends=True),
    ("get", "/auth/v1/rights"): Access(SIGNED_IN),
    ("get", "/auth/v1/sessions"): Access(SIGNED_IN),
    ("delete", "/auth/v1/sessions/{session_id}"): Access(SIGNED_IN),
    ("post", "/auth/v1/deletion-permissions"): Access(ADMINISTRATOR),
    ("get", "/auth/v1/admin/directory"): Access(EXTRACTING),
    ("put", "/auth/v1/admin/directory/import"): Access(
        ADMINISTRATOR, {"dossier_kind": "single-base", "companies": [], "dry_run": True}
    ),
    ("get", "/auth/v1/admin/dossier"): Access(EXTRACTING),
    ("put", "/auth/v1/admin/dossier"): Access(ADMINISTRATOR, {"kind": "single-base"}),
    ("get", "/auth/v1/admin/published-indicators"): Access(EXTRACTING),
    ("put", "/auth/v1/admin/published-indicators"): Access(ADMINISTRATOR, {"indicators": None}),
    ("get", "/auth/v1/admin/companies"): Access(EXTRACTING),
    ("get", "/auth/v1/admin/companies/{code}"): Access(EXTRACTING),
    ("put", "/auth/v1/admin/companies/{code}"): Access(ADMINISTRATOR, _COMPANY),
    ("delete", "/auth/v1/admin/companies/{code}"): Access(ADMINISTRATOR),
    ("get", "/auth/v1/admin/families"): Access(EXTRACTING),
    ("get", "/auth/v1/admin/families/{code}"): Access(EXTRACTING),
    ("put", "/auth/v1/admin/families/{code}"): Access(
        ADMINISTRATOR, {"name": "Others", "shortcut_code": "others", "companies": ["NORD"]}
    ),
    ("delete", "/auth/v1/admin/families/{code}"): Access(ADMINISTRATOR),
    ("get", "/auth/v1/admin/users"): Access(ADMINISTRATOR),
    ("get", "/auth/v1/admin/users/{username}"): Access(ADMINISTRATOR),
    ("put", "/auth/v1/admin/users/{username}"): Access(ADMINISTRATOR, _USER),
    ("delete", "/auth/v1/admin/users/{username}"): Access(ADMINISTRATOR),
    ("get", "/auth/v1/admin/users/{username}/sessions"): Access(ADMINISTRATOR),
    ("delete", "/auth/v1/admin/users/{username}/sessions"): Access(ADMINISTRATOR),
    ("delete", "/auth/v1/admin/users/{username}/sessions/{session_id}"): Access(ADMINISTRATOR),
    ("get", "/auth/v1/operator/signing-keys"): Access(OPERATOR),
    ("post", "/auth/v1/operator/signing-keys"): Access(OPERATOR),
    ("post", "/auth/v1/operator/clients"): Access(OPERATOR, {"code": "bad code", "name": "N"}),
    ("post", "/auth/v1/operator/clients/{code}/suspend"): Access(OPERATOR),
    ("post", "/auth/v1/operator/clients/{code}/resume"): Access(OPERATOR),
    ("post", "/auth/v1/operator/clients/{code}/rotate-password"): Access(OPERATOR),
    ("post", "/auth/v1/operator/clients/{code}/administrators"): Access(
        OPERATOR, {"username": "second", "password": "a-password-of-the-tests"}
    ),
    # extractor
    ("get", "/extractor/v1/admin/publication-credentials"): Access(ADMINISTRATOR),
    ("put", "/extractor/v1/admin/publication-credentials"): Access(
        ADMINISTRATOR, {"client_code": "A", "password": "c"}
    ),
    ("post", "/extractor/v1/admin/publication-credentials/test"): Access(ADMINISTRATOR),
    ("get", "/extractor/v1/admin/sources"): Access(ADMINISTRATOR),
    ("get", "/extractor/v1/admin/sources/{name}"): Access(ADMINISTRATOR),
    ("put", "/extractor/v1/admin/sources/{name}"): Access(ADMINISTRATOR, _SOURCE),
    ("delete", "/extractor/v1/admin/sources/{name}"): Access(ADMINISTRATOR),
    ("get", "/extractor/v1/admin/sources/{name}/companies"): Access(ADMINISTRATOR),
    ("post", "/extractor/v1/admin/sources/{name}/import"): Access(ADMINISTRATOR, {"dry_run": True}),
    ("get", "/extractor/v1/admin/sources/{name}/watch"): Access(ADMINISTRATOR),
    ("get", "/extractor/v1/admin/parameters"): Access(ADMINISTRATOR),
    ("put", "/extractor/v1/admin/parameters"): Access(ADMINISTRATOR, {}),
    ("post", "/extractor/v1/admin/parameters/preview"): Access(ADMINISTRATOR, {}),
    ("get", "/extractor/v1/admin/cash-accounts"): Access(ADMINISTRATOR),
    ("put", "/extractor/v1/admin/cash-accounts"): Access(ADMINISTRATOR, []),
    ("post", "/extractor/v1/extractions/preview"): Access(EXTRACTING, _EXTRACTION),
    ("post", "/extractor/v1/extractions"): Access(EXTRACTING, _EXTRACTION),
    ("get", "/extractor/v1/extractions"): Access(EXTRACTING),
    ("get", "/extractor/v1/extractions/{run_id}"): Access(EXTRACTING),
    ("get", "/extractor/v1/extractions/{run_id}/events"): Access(EXTRACTING, streams=True),
    ("post", "/extractor/v1/extractions/{run_id}/cancel"): Access(EXTRACTING),
    ("get", "/extractor/v1/schedules"): Access(EXTRACTING),
    ("post", "/extractor/v1/schedules"): Access(EXTRACTING, {"name": "Daily", **_RULE}),
    ("post", "/extractor/v1/schedules/preview"): Access(EXTRACTING, _RULE),
    ("get", "/extractor/v1/schedules/{schedule_id}"): Access(EXTRACTING),
    ("patch", "/extractor/v1/schedules/{schedule_id}"): Access(EXTRACTING, {"paused": True}),
    ("delete", "/extractor/v1/schedules/{schedule_id}"): Access(EXTRACTING),
    ("post", "/extractor/v1/schedules/{schedule_id}/run"): Access(EXTRACTING),
    ("get", "/extractor/v1/schedules/{schedule_id}/runs"): Access(EXTRACTING),
    # publisher
    ("get", "/publisher/v1/heads"): Access(SIGNED_IN),
    ("get", "/publisher/v1/snapshots/{kind}/{code}"): Access(SIGNED_IN),
    ("get", "/publisher/v1/snapshots/{kind}/{code}/history"): Access(
        SIGNED_IN, query={"indicator": "treasury_position"}
    ),
    ("get", "/publisher/v1/snapshots/{kind}/{code}/explanations/{indicator}"): Access(SIGNED_IN),
    ("get", "/publisher/v1/deletions"): Access(ADMINISTRATOR),
    ("post", "/publisher/v1/deletions"): Access(ADMINISTRATOR, {"confirm": "nothing of the kind"}),
    ("get", "/publisher/v1/deletions/preview"): Access(ADMINISTRATOR),
    ("get", "/publisher/v1/deletions/{deletion_id}"): Access(ADMINISTRATOR),
    # mobile-gateway
    ("post", "/mobile/v1/sessions"): Access(EVERYBODY, {**_NAMES, "shortcut_code": "d"}),
    ("post", "/mobile/v1/sessions/refresh"): Access(EVERYBODY, {"refresh_token": "x"}),
    ("delete", "/mobile/v1/sessions/current"): Access(SIGNED_IN, ends=True),
    ("get", "/mobile/v1/sessions"): Access(SIGNED_IN),
    ("delete", "/mobile/v1/sessions/{session_id}"): Access(SIGNED_IN),
    ("get", "/mobile/v1/scopes"): Access(SIGNED_IN),
    ("get", "/mobile/v1/snapshots/{kind}/{code}"): Access(SIGNED_IN),
    ("get", "/mobile/v1/snapshots/{kind}/{code}/history"): Access(SIGNED_IN, query={"indicator": "treasury_position"}),
    ("get", "/mobile/v1/snapshots/{kind}/{code}/explanations/{indicator}"): Access(SIGNED_IN),
    ("get", "/mobile/v1/events"): Access(SIGNED_IN, streams=True),
}
