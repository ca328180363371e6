"""Clients of the platform and what they may do."""

from dataclasses import dataclass
from datetime import datetime

from vigie_auth.domain.directory import DossierKind


@dataclass(frozen=True)
class Client:
    """A tenant. `suspended_at` none means in service; `published_indicators` none means all (R2)."""

    code: str
    name: str
    publication_password_hash: str
    suspended_at: datetime | None
    dossier_kind: DossierKind | None
    published_indicators: tuple[str, ...] | None

    @property
    def suspended(self) -> bool:
        return self.suspended_at is not None
