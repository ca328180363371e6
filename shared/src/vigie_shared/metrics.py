"""What every service measures of itself. Each app has its own registry, so that several can share a process."""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate

from prometheus_client import CollectorRegistry, Gauge, generate_latest
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily, Metric

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

BOUNDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Seconds: the upper bounds of the buckets of answering times, and one more without bound."""


class Metrics:
    """The golden signals of one service, labelled with its name."""

    def __init__(self, service: str) -> None:
        self.registry = CollectorRegistry()
        self._service = service
        self._answers = _Answers(service)
        self.registry.register(self._answers)
        self._outbox_events = Gauge(
            "vigie_outbox_events", "Events that wait for the bus", ["service"], registry=self.registry
        )
        self._outbox_age = Gauge(
            "vigie_outbox_age_seconds", "Age of the oldest event that waits", ["service"], registry=self.registry
        )
        self._parked = Gauge(
            "vigie_parked_messages",
            "Messages that could not be handled and wait for an operator",
            ["service", "queue"],
            registry=self.registry,
        )

    def answered(self, route: str, status: int, seconds: float) -> None:
        """Count an answer. `route` is the path's pattern, never the path, so that there are few of them."""
        self._answers.counting(route, status)(seconds)

    def answers(self, route: str, status: int) -> Callable[[float], None]:
        """As `answered`, for a route and status that are looked up once: what is returned takes the seconds only."""
        return self._answers.counting(route, status)

    def outbox(self, events: int, age_seconds: float) -> None:
        self._outbox_events.labels(self._service).set(events)
        self._outbox_age.labels(self._service).set(age_seconds)

    def parked(self, queue: str, messages: int) -> None:
        self._parked.labels(self._service, queue).set(messages)


class _Answers:
    """Counts answers in plain numbers, without the locks of the client's own metrics: all in one event loop."""

    def __init__(self, service: str) -> None:
        self._service = service
        self._counts: dict[tuple[str, int], list[int]] = {}
        self._buckets: dict[str, list[int]] = {}
        self._seconds: dict[str, list[float]] = {}
        self._counting: dict[tuple[str, int], Callable[[float], None]] = {}

    def counting(self, route: str, status: int) -> Callable[[float], None]:
        known = self._counting.get((route, status))
        if known is not None:
            return known
        count = self._counts.setdefault((route, status), [0])
        buckets = self._buckets.setdefault(route, [0] * (len(BOUNDS) + 1))
        total = self._seconds.setdefault(route, [0.0])

        def answered(seconds: float) -> None:
            count[0] += 1
            total[0] += seconds
            buckets[bisect_left(BOUNDS, seconds)] += 1

        self._counting[route, status] = answered
        return answered

    def collect(self) -> Iterable[Metric]:
        requests = CounterMetricFamily(
            "vigie_http_requests", "Answers by route and status", labels=["service", "route", "status"]
        )
        for (route, status), [count] in self._counts.items():
            if count:
                requests.add_metric([self._service, route, str(status)], count)
        seconds = HistogramMetricFamily("vigie_http_seconds", "Time to answer, by route", labels=["service", "route"])
        names = [*map(str, BOUNDS), "+Inf"]
        for route, buckets in self._buckets.items():
            if not any(buckets):
                continue
            cumulated = list(zip(names, accumulate(buckets), strict=True))
            seconds.add_metric([self._service, route], cumulated, self._seconds[route][0])
        return requests, seconds


class _Merged:
    """The metrics of several registries as one exposition: families of one name come once, with all their samples."""

    def __init__(self, registries: Sequence[CollectorRegistry]) -> None:
        self._registries = registries

    def collect(self) -> Iterable[Metric]:
        families: dict[str, Metric] = {}
        for registry in self._registries:
            for family in registry.collect():
                known = families.setdefault(family.name, Metric(family.name, family.documentation, family.type))
                known.samples.extend(family.samples)
        return families.values()


def exposition(registries: Sequence[CollectorRegistry]) -> bytes:
    """The text that Prometheus reads, for one service or for all of a process."""
    merged = CollectorRegistry()
    merged.register(_Merged(registries))
    return generate_latest(merged)
