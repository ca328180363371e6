"""What an extraction hands back: the scopes, the anomalies, and the account of every file and step."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from vigie_extractor.domain.anomalies import Anomaly
from vigie_extractor.domain.criteria import Verdict
from vigie_extractor.indicators.document import anomaly_document, scope_document
from vigie_extractor.indicators.result import ScopeKind, ScopeResult
from vigie_extractor.sources.canonical import FileCount


@dataclass(frozen=True, slots=True)
class Step:
    """A step that has ended: its name, the rows it read and how long it took, in seconds."""

    name: str
    rows: int
    seconds: float


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A scope that was asked for and not extracted; an anomaly says why."""

    kind: ScopeKind
    code: str


@dataclass(frozen=True, slots=True)
class SeenCashAccount:
    """A 53 account met in the counted entries, and its option: None where nobody declared it."""

    company: str
    account: str
    label: str
    cash_account: bool | None


@dataclass(frozen=True, slots=True)
class ExtractionResult:
    """What one extraction found. Nothing was extracted where `verdict` is not ok (R8). `explanations` are, by scope,
    the plain JSON data of what its indicators are made of (R14), where they were asked for."""

    as_of: date
    scopes: tuple[ScopeResult, ...]
    left_out: tuple[LeftOut, ...]
    anomalies: tuple[Anomaly, ...]
    files: tuple[FileCount, ...]
    steps: tuple[Step, ...]
    verdict: Verdict
    cash_accounts: tuple[SeenCashAccount, ...] = ()
    explanations: Mapping[tuple[ScopeKind, str], dict[str, Any]] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        """The result document of the contract, as plain JSON data."""
        return {
            "as_of": self.as_of.isoformat(),
            "scopes": [scope_document(scope) for scope in self.scopes],
            "anomalies": [anomaly_document(found) for found in self.anomalies],
            "files": [
                {"file": file.file, "present": file.present, "read": file.read, "refused": file.refused}
                for file in self.files
            ],
        }


class Steps:
    """Measures each step and tells the caller when it ends."""

    def __init__(self, on_step: Callable[[Step], None], clock: Callable[[], float]) -> None:
        self._on_step = on_step
        self._clock = clock
        self._started = clock()
        self.ended: list[Step] = []

    def end(self, name: str, rows: int = 0) -> None:
        now = self._clock()
        step = Step(name, rows, now - self._started)
        self._started = now
        self.ended.append(step)
        self._on_step(step)
