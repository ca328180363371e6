"""What readers of the directory are answered, which is also what the audit keeps of a change."""

from pydantic import BaseModel, ConfigDict

from vigie_auth.domain.directory import DossierKind
from vigie_auth.domain.users import ClientRole, User
from vigie_shared.events import Scope


class DossierDocument(BaseModel):
    """What kind of dossier the client has; null until it was first said."""

    model_config = ConfigDict(frozen=True)

    kind: DossierKind | None


class PublishedIndicators(BaseModel):
    """The indicators that a client publishes, by name; null means all."""

    model_config = ConfigDict(frozen=True)

    indicators: tuple[str, ...] | None


class UserDocument(BaseModel):
    """A user; `version` grows with every change. The password is in no answer."""

    model_config = ConfigDict(frozen=True)

    username: str
    active: bool
    role: ClientRole
    has_password: bool
    scopes: list[Scope]
    may_extract: list[str]
    indicators: list[str] | None
    version: int

    @classmethod
    def of(cls, user: User) -> "UserDocument":
        return cls(
            username=user.username,
            active=user.active,
            role=user.role,
            has_password=user.has_password,
            scopes=[Scope(kind=scope.kind, code=scope.code) for scope in user.scopes],
            may_extract=list(user.may_extract),
            indicators=list(user.indicators) if user.indicators is not None else None,
            version=user.version,
        )
