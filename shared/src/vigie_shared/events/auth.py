"""What auth says: of clients and their credentials, of the directory, and of sessions."""

from datetime import date
from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime

from vigie_shared.events.envelope import Event, Frozen, Role, Scope


class ClientData(Frozen):
    name: str


class ClientRegistered(Event):
    service = "auth"
    source: str = "/vigie/auth"
    type: Literal["vigie.client.registered.v1"] = "vigie.client.registered.v1"
    data: ClientData


class MomentData(Frozen):
    """`at` is read from the clock of auth's database, the one clock that grants and deletions are compared by."""

    at: AwareDatetime


class ClientSuspended(Event):
    """From `at` on, no grant issued before it holds (R1)."""

    service = "auth"
    source: str = "/vigie/auth"
    type: Literal["vigie.client.suspended.v1"] = "vigie.client.suspended.v1"
    data: MomentData


class ClientResumed(Event):
    service = "auth"
    source: str = "/vigie/auth"
    type: Literal["vigie.client.resumed.v1"] = "vigie.client.resumed.v1"
    data: MomentData


class CredentialsRotated(Event):
    service = "auth"
    source: str = "/vigie/auth"
    type: Literal["vigie.credentials.rotated.v1"] = "vigie.credentials.rotated.v1"
    data: MomentData


class FiscalYearData(Frozen):
    start: date
    end: date
    unit: str


class CompanyData(Frozen):
    code: str
    shortcut_code: str
    name: str
    accounting_currency: str
    reporting_currency: str
    reporting_rate: str
    """Reporting units per accounting unit, as a decimal string."""
    fiscal_years: tuple[FiscalYearData, ...]
    to_extract: bool


class DirectoryCompanySaved(Event):
    service = "auth"
    source: str = "/vigie/auth"
    type: Literal["vigie.directory.company.saved.v1"] = "vigie.directory.company.saved.v1"
    data: CompanyData


class CodeData(Frozen):
    code: str


class DirectoryCompanyRemoved(Event):
    service = "auth"
    source: str = "/vigie/auth"
    type: Literal["vigie.directory.company.removed.v1"] = "vigie.directory.company.removed.v1"
    data: CodeData


class FamilyData(Frozen):
    code: str
    shortcut_code: str
    name: str
    companies: tuple[str, ...]
    to_extract: bool


class DirectoryFamilySaved(Event):
    service = "auth"
    source: str = "/vigie/auth"
    type: Literal["vigie.directory.family.saved.v1"] = "vigie.directory.family.saved.v1"
    data: FamilyData


class DirectoryFamilyRemoved(Event):
    service = "auth"
    source: str = "/vigie/auth"
    type: Literal["vigie.directory.family.removed.v1"] = "vigie.directory.family.removed.v1"
    data: CodeData


class DossierData(Frozen):
    kind: Literal["single-base", "multi-base"]


class DirectoryDossierChanged(Event):
    service = "auth"
    source: str = "/vigie/auth"
    type: Literal["vigie.directory.dossier.changed.v1"] = "vigie.directory.dossier.changed.v1"
    data: DossierData


class IndicatorsData(Frozen):
    """The indicators that a client publishes from now on (R2); none given means all."""

    indicators: tuple[str, ...] | None = None


class DirectoryIndicatorsChanged(Event):
    service = "auth"
    source: str = "/vigie/auth"
    type: Literal["vigie.directory.indicators.changed.v1"] = "vigie.directory.indicators.changed.v1"
    data: IndicatorsData


class UserData(Frozen):
    """A user's rights as they are from `version` on (R2). Never a password, never its hash."""

    username: str
    role: Role
    active: bool
    scopes: tuple[Scope, ...]
    indicators: tuple[str, ...] | None = None
    """The indicators the user may see; none given means all."""
    may_extract: tuple[str, ...]
    version: int


class DirectoryUserSaved(Event):
    service = "auth"
    source: str = "/vigie/auth"
    type: Literal["vigie.directory.user.saved.v1"] = "vigie.directory.user.saved.v1"
    data: UserData


class UsernameData(Frozen):
    username: str


class DirectoryUserRemoved(Event):
    service = "auth"
    source: str = "/vigie/auth"
    type: Literal["vigie.directory.user.removed.v1"] = "vigie.directory.user.removed.v1"
    data: UsernameData


class SessionRevokedData(Frozen):
    username: str
    session_id: UUID


class SessionRevoked(Event):
    service = "auth"
    source: str = "/vigie/auth"
    type: Literal["vigie.session.revoked.v1"] = "vigie.session.revoked.v1"
    data: SessionRevokedData
