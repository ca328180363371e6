"""What the sales and the accounting halves of the computation each hand back."""

from collections.abc import Mapping
from dataclasses import dataclass

from vigie_extractor.domain.anomalies import Anomaly
from vigie_extractor.indicators.families import Scope
from vigie_extractor.indicators.result import Indicator, IndicatorId
from vigie_extractor.sources.canonical import FileCount


@dataclass(frozen=True, slots=True)
class Section:
    """Indicators by scope number, with what was found and counted on the way."""

    indicators: Mapping[int, Mapping[IndicatorId, Indicator]]
    anomalies: tuple[Anomaly, ...]
    files: tuple[FileCount, ...]

    def of(self, scope: Scope) -> Mapping[IndicatorId, Indicator]:
        return self.indicators[scope.number]
