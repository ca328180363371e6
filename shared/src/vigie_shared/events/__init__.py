"""The messages that services exchange: CloudEvents 1.0 in structured JSON, one frozen class per event type.

The same bytes serve outbox, wire and golden file. An event is a past fact, named `<subject>.<what happened>`; its
routing key is `<event>.v1.<client>`. Within v1 only optional fields are added, and unknown ones are ignored; what
cannot be said that way becomes a v2, emitted beside v1 for one release.
"""

from typing import Annotated

from pydantic import Field, TypeAdapter

from vigie_shared.events.auth import (
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
    SessionRevoked,
    SessionRevokedData,
    UserData,
    UsernameData,
)
from vigie_shared.events.envelope import (
    ClientCode,
    EmptiedData,
    Event,
    Indicator,
    NamedScope,
    Role,
    Scope,
    ScopeKind,
    derived_id,
    utc_text,
)
from vigie_shared.events.extractor import (
    ExtractionCancelled,
    ExtractionCompleted,
    ExtractionCompletedData,
    ExtractionData,
    ExtractionFailed,
    ExtractionFailedData,
    ExtractionRequested,
    ExtractionRequestedData,
    ExtractionStarted,
    ExtractorEmptied,
    IndicatorsExplained,
    IndicatorsExplainedData,
    IndicatorsExtracted,
    IndicatorsExtractedData,
)
from vigie_shared.events.gateway import GatewayEmptied
from vigie_shared.events.publisher import (
    DataDeleted,
    DataDeletedData,
    PublicationRefused,
    PublicationRefusedData,
    RefusalReason,
    SnapshotPublished,
    SnapshotPublishedData,
)

AnyEvent = Annotated[
    ClientRegistered
    | ClientSuspended
    | ClientResumed
    | CredentialsRotated
    | DirectoryCompanySaved
    | DirectoryCompanyRemoved
    | DirectoryFamilySaved
    | DirectoryFamilyRemoved
    | DirectoryDossierChanged
    | DirectoryIndicatorsChanged
    | DirectoryUserSaved
    | DirectoryUserRemoved
    | SessionRevoked
    | ExtractionRequested
    | ExtractionStarted
    | IndicatorsExtracted
    | IndicatorsExplained
    | ExtractionCompleted
    | ExtractionFailed
    | ExtractionCancelled
    | ExtractorEmptied
    | SnapshotPublished
    | PublicationRefused
    | DataDeleted
    | GatewayEmptied,
    Field(discriminator="type"),
]

_ANY_EVENT: TypeAdapter[AnyEvent] = TypeAdapter(AnyEvent)


def parse(body: bytes) -> AnyEvent:
    """The event that `body` holds. Raises pydantic.ValidationError when it is none that this version knows."""
    return _ANY_EVENT.validate_json(body)


__all__ = [
    "AnyEvent",
    "ClientCode",
    "ClientData",
    "ClientRegistered",
    "ClientResumed",
    "ClientSuspended",
    "CodeData",
    "CompanyData",
    "CredentialsRotated",
    "DataDeleted",
    "DataDeletedData",
    "DirectoryCompanyRemoved",
    "DirectoryCompanySaved",
    "DirectoryDossierChanged",
    "DirectoryFamilyRemoved",
    "DirectoryFamilySaved",
    "DirectoryIndicatorsChanged",
    "DirectoryUserRemoved",
    "DirectoryUserSaved",
    "DossierData",
    "EmptiedData",
    "Event",
    "ExtractionCancelled",
    "ExtractionCompleted",
    "ExtractionCompletedData",
    "ExtractionData",
    "ExtractionFailed",
    "ExtractionFailedData",
    "ExtractionRequested",
    "ExtractionRequestedData",
    "ExtractionStarted",
    "ExtractorEmptied",
    "FamilyData",
    "FiscalYearData",
    "GatewayEmptied",
    "Indicator",
    "IndicatorsData",
    "IndicatorsExplained",
    "IndicatorsExplainedData",
    "IndicatorsExtracted",
    "IndicatorsExtractedData",
    "MomentData",
    "NamedScope",
    "PublicationRefused",
    "PublicationRefusedData",
    "RefusalReason",
    "Role",
    "Scope",
    "ScopeKind",
    "SessionRevoked",
    "SessionRevokedData",
    "SnapshotPublished",
    "SnapshotPublishedData",
    "UserData",
    "UsernameData",
    "derived_id",
    "parse",
    "utc_text",
]
