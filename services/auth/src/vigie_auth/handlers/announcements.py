"""The events that auth says, made of domain values."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID, uuid4

from vigie_auth.domain.directory import Company, DossierKind, Family, NamedScope, ScopeKey
from vigie_auth.domain.imports import rate_text
from vigie_auth.domain.users import User
from vigie_shared import events
from vigie_shared.events import (
    ClientData,
    ClientRegistered,
    ClientResumed,
    ClientSuspended,
    CodeData,
    CompanyData,
    CredentialsRotated,
    DirectoryCompanyRemoved,
    DirectoryCompanySaved,
    DirectoryDossierChanged,
    DirectoryFamilyRemoved,
    DirectoryFamilySaved,
    DirectoryIndicatorsChanged,
    DirectoryUserRemoved,
    DirectoryUserSaved,
    DossierData,
    FamilyData,
    FiscalYearData,
    IndicatorsData,
    MomentData,
    Scope,
    SessionRevoked,
    SessionRevokedData,
    UserData,
    UsernameData,
    derived_id,
)


def company_data(company: Company) -> CompanyData:
    return CompanyData(
        code=company.code,
        shortcut_code=company.shortcut_code,
        name=company.name,
        accounting_currency=company.accounting_currency,
        reporting_currency=company.reporting_currency,
        reporting_rate=rate_text(company.reporting_rate),
        fiscal_years=tuple(
            FiscalYearData(start=year.start, end=year.end, unit=year.unit) for year in company.fiscal_years
        ),
        to_extract=company.to_extract,
    )


def family_data(family: Family) -> FamilyData:
    return FamilyData(
        code=family.code,
        shortcut_code=family.shortcut_code,
        name=family.name,
        companies=family.companies,
        to_extract=family.to_extract,
    )


def scope_data(scope: NamedScope) -> events.NamedScope:
    return events.NamedScope(kind=scope.key.kind, code=scope.key.code, name=scope.name)


def client_registered(client: str, name: str, moment: datetime) -> ClientRegistered:
    return ClientRegistered(id=uuid4(), subject=client, time=moment, clientcode=client, data=ClientData(name=name))


def client_suspended(client: str, moment: datetime) -> ClientSuspended:
    return ClientSuspended(id=uuid4(), subject=client, time=moment, clientcode=client, data=MomentData(at=moment))


def client_resumed(client: str, moment: datetime) -> ClientResumed:
    return ClientResumed(id=uuid4(), subject=client, time=moment, clientcode=client, data=MomentData(at=moment))


def credentials_rotated(client: str, moment: datetime) -> CredentialsRotated:
    return CredentialsRotated(id=uuid4(), subject=client, time=moment, clientcode=client, data=MomentData(at=moment))


def dossier_changed(client: str, kind: DossierKind, moment: datetime) -> DirectoryDossierChanged:
    return DirectoryDossierChanged(
        id=uuid4(), subject="dossier", time=moment, clientcode=client, data=DossierData(kind=kind)
    )


def indicators_changed(client: str, indicators: Sequence[str] | None, moment: datetime) -> DirectoryIndicatorsChanged:
    return DirectoryIndicatorsChanged(
        id=uuid4(),
        subject="indicators",
        time=moment,
        clientcode=client,
        data=IndicatorsData(indicators=tuple(indicators) if indicators is not None else None),
    )


def scope_saved(client: str, scope: Company | Family, moment: datetime) -> DirectoryCompanySaved | DirectoryFamilySaved:
    if isinstance(scope, Company):
        return DirectoryCompanySaved(
            id=uuid4(), subject=scope.code, time=moment, clientcode=client, data=company_data(scope)
        )
    return DirectoryFamilySaved(id=uuid4(), subject=scope.code, time=moment, clientcode=client, data=family_data(scope))


def scope_removed(client: str, key: ScopeKey, moment: datetime) -> DirectoryCompanyRemoved | DirectoryFamilyRemoved:
    kind = DirectoryCompanyRemoved if key.kind == "company" else DirectoryFamilyRemoved
    return kind(id=uuid4(), subject=key.code, time=moment, clientcode=client, data=CodeData(code=key.code))


def user_saved(client: str, user: User, moment: datetime) -> DirectoryUserSaved:
    return DirectoryUserSaved(
        id=uuid4(),
        subject=user.username,
        time=moment,
        clientcode=client,
        data=UserData(
            username=user.username,
            role=user.role,
            active=user.active,
            scopes=tuple(Scope(kind=scope.kind, code=scope.code) for scope in user.scopes),
            indicators=user.indicators,
            may_extract=user.may_extract,
            version=user.version,
        ),
    )


def user_removed(client: str, username: str, moment: datetime) -> DirectoryUserRemoved:
    return DirectoryUserRemoved(
        id=uuid4(), subject=username, time=moment, clientcode=client, data=UsernameData(username=username)
    )


def sessions_revoked(client: str, username: str, sessions: Iterable[UUID], moment: datetime) -> list[SessionRevoked]:
    """One for each session; a session ends once, so the event has the same id whenever it is told."""
    return [
        SessionRevoked(
            id=derived_id("session.revoked", client, session_id),
            subject=username,
            time=moment,
            clientcode=client,
            data=SessionRevokedData(username=username, session_id=session_id),
        )
        for session_id in sessions
    ]
