"""Users of a client and what they may do (R2, R9)."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from vigie_auth.domain.directory import NamedScope, ScopeKey
from vigie_auth.domain.findings import Finding
from vigie_shared.events import Indicator

ClientRole = Literal["mobile", "preparer", "administrator"]

INDICATORS = frozenset(get_args(Indicator))
"""The 17 publishable figures."""


@dataclass(frozen=True)
class User:
    """A person of a client. `indicators` none means all; `version` grows with every change of the rights."""

    username: str
    role: ClientRole
    active: bool
    has_password: bool
    scopes: tuple[ScopeKey, ...]
    indicators: tuple[str, ...] | None
    may_extract: tuple[str, ...]
    version: int


@dataclass(frozen=True)
class UserChange:
    """What is to be saved of a user, beside the password."""

    role: ClientRole
    active: bool
    scopes: tuple[ScopeKey, ...]
    indicators: tuple[str, ...] | None
    may_extract: tuple[str, ...]

    def leaves(self, user: User) -> bool:
        """Whether saving this leaves the user as it is, whatever the order in which rights are listed."""
        return (
            (self.role, self.active) == (user.role, user.active)
            and set(self.scopes) == set(user.scopes)
            and set(self.may_extract) == set(user.may_extract)
            and _as_set(self.indicators) == _as_set(user.indicators)
            and len(self.scopes) == len(user.scopes)
            and len(self.may_extract) == len(user.may_extract)
            and len(self.indicators or ()) == len(user.indicators or ())
        )


def user_findings(change: UserChange, *, has_password: bool, known_scopes: frozenset[ScopeKey]) -> list[Finding]:
    """What keeps a user from being saved as asked; `has_password`: given now or earlier (R9)."""
    findings = []
    if change.active and not has_password:
        findings.append(Finding("active", "a user without a password cannot be active; give one or save as inactive"))
    for index, scope in enumerate(change.scopes):
        if scope not in known_scopes:
            findings.append(Finding(f"scopes.{index}", f"there is no {scope}"))
    if change.role == "mobile" and change.may_extract:
        findings.append(Finding("may_extract", "a mobile user reads indicators and extracts nothing; leave it empty"))
    for index, code in enumerate(change.may_extract):
        if ScopeKey("company", code) not in known_scopes:
            findings.append(Finding(f"may_extract.{index}", f"there is no company {code}"))
    findings.extend(_twice("scopes", change.scopes))
    findings.extend(_twice("may_extract", change.may_extract))
    return findings + indicator_findings(change.indicators or ())


def indicator_findings(indicators: Sequence[str]) -> list[Finding]:
    """What is wrong with a list of indicators: each is one of the 17, once."""
    findings = [
        Finding(f"indicators.{index}", f"there is no indicator {indicator}")
        for index, indicator in enumerate(indicators)
        if indicator not in INDICATORS
    ]
    return findings + _twice("indicators", indicators)


def seen_indicators(user: User, published: Collection[str] | None) -> tuple[str, ...] | None:
    """The indicators that a user may see of those that the client publishes (R2), by name; none means all."""
    if published is None or user.indicators is None:
        return user.indicators if published is None else tuple(sorted(published))
    return tuple(sorted(set(user.indicators) & set(published)))


def ends_sessions(before: User, change: UserChange, *, new_password: bool) -> bool:
    """Whether saving ends what the user is signed in to: out of service, another password, or another role (which
    access tokens carry)."""
    return not change.active or new_password or change.role != before.role


def seen_scopes(user: User, scopes: Iterable[NamedScope]) -> list[NamedScope]:
    """Those of a client's `scopes` that a user may see, in the same order. An administrator sees all (R2)."""
    granted = set(user.scopes)
    return [scope for scope in scopes if user.role == "administrator" or scope.key in granted]


def extractable(user: User | None, companies: Iterable[str]) -> tuple[str, ...]:
    """Those of a client's `companies` that a user may extract now: an administrator all, a preparer those given; else
    none."""
    if user is None or not user.active or user.role == "mobile":
        return ()
    return tuple(code for code in companies if user.role == "administrator" or code in user.may_extract)


def _as_set(values: Iterable[str] | None) -> frozenset[str] | None:
    return frozenset(values) if values is not None else None


def _twice(where: str, values: Iterable[object]) -> list[Finding]:
    seen: set[object] = set()
    findings = []
    for index, value in enumerate(values):
        if value in seen:
            findings.append(Finding(f"{where}.{index}", f"{value} stands here twice"))
        seen.add(value)
    return findings
