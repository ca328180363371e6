"""Who hears what: the exchange, the queues and the delivery limits, as data and nothing else.

Each durable queue `<service>.<subject>` is a quorum queue with a parked twin `<queue>.dead`. A broadcast is heard by
every running instance of a service through an exclusive queue of its own: what it misses while away it must be able to
forget, so a listener is told of every gap.
"""

from dataclasses import dataclass

from vigie_shared import events
from vigie_shared.events import Event

EXCHANGE = "vigie.events"

DELIVERY_LIMIT = 50
"""The broker's own limit, a backstop only: a killed consumer counts against it, so it is far above MAX_FAILURES."""

LOOKS_AT_PARKED = 1_000_000_000
"""How often a parked message may be looked at: each time counts as a delivery."""

MAX_FAILURES = 5
"""After this many failures of its handler a message is parked."""


@dataclass(frozen=True)
class Queue:
    """A durable queue of `owner`, shared by all its instances.

    What is parked of it goes with a deletion of its client's data (R11), unless `kept` says why it stays.
    """

    name: str
    owner: str
    hears: tuple[type[Event], ...]
    kept: str | None = None

    @property
    def parked(self) -> str:
        return f"{self.name}.dead"


@dataclass(frozen=True)
class Broadcast:
    """What every instance of `owner` hears, each through a queue that lives as long as its connection."""

    owner: str
    hears: tuple[type[Event], ...]


EXTRACTOR_REQUESTS = Queue(
    "extractor.requests",
    "extractor",
    (events.ExtractionRequested,),
    kept="asks for an extraction and holds nothing that one has published",
)

EXTRACTOR_PUBLICATIONS = Queue(
    "extractor.publications", "extractor", (events.SnapshotPublished, events.PublicationRefused)
)

EXTRACTOR_DELETIONS = Queue(
    "extractor.deletions", "extractor", (events.DataDeleted,), kept="is the deletion itself, which is still to be done"
)

PUBLISHER_INDICATORS = Queue("publisher.indicators", "publisher", (events.IndicatorsExtracted,))

PUBLISHER_EXPLANATIONS = Queue("publisher.explanations", "publisher", (events.IndicatorsExplained,))

PUBLISHER_CLIENTS = Queue(
    "publisher.clients",
    "publisher",
    (events.ClientSuspended, events.ClientResumed),
    kept="says that grants are void, and holds nothing that was published",
)

PUBLISHER_DELETIONS = Queue(
    "publisher.deletions",
    "publisher",
    (events.DataDeleted, events.ExtractorEmptied, events.GatewayEmptied),
    kept="is the deletion itself and what others answered to it, in counts",
)

GATEWAY_ANNOUNCEMENTS = Queue("mobile-gateway.announcements", "mobile-gateway", (events.SnapshotPublished,))

GATEWAY_DELETIONS = Queue(
    "mobile-gateway.deletions",
    "mobile-gateway",
    (events.DataDeleted,),
    kept="is the deletion itself, which is still to be done",
)

GATEWAY_INSTANCES = Broadcast(
    "mobile-gateway",
    (
        events.SnapshotPublished,
        events.DataDeleted,
        events.DirectoryCompanySaved,
        events.DirectoryCompanyRemoved,
        events.DirectoryFamilySaved,
        events.DirectoryFamilyRemoved,
        events.DirectoryDossierChanged,
        events.DirectoryIndicatorsChanged,
        events.DirectoryUserSaved,
        events.DirectoryUserRemoved,
        events.SessionRevoked,
        events.ClientSuspended,
    ),
)

QUEUES = (
    EXTRACTOR_REQUESTS,
    EXTRACTOR_PUBLICATIONS,
    EXTRACTOR_DELETIONS,
    PUBLISHER_INDICATORS,
    PUBLISHER_EXPLANATIONS,
    PUBLISHER_CLIENTS,
    PUBLISHER_DELETIONS,
    GATEWAY_ANNOUNCEMENTS,
    GATEWAY_DELETIONS,
)

BROADCASTS = (GATEWAY_INSTANCES,)


_STEMS = {heard.routing_stem() for source in (*QUEUES, *BROADCASTS) for heard in source.hears}

_QUEUES_BY_STEM = {
    stem: tuple(queue for queue in QUEUES if any(heard.routing_stem() == stem for heard in queue.hears))
    for stem in _STEMS
}

_BROADCASTS_BY_STEM = {
    stem: tuple(cast for cast in BROADCASTS if any(heard.routing_stem() == stem for heard in cast.hears))
    for stem in _STEMS
}


KEEPERS = tuple(sorted({queue.owner for queue in QUEUES if events.DataDeleted in queue.hears}))
"""The services that keep anything of what was published: each empties it when it hears of a deletion, and says so."""


def queues_hearing(routing_key: str) -> tuple[Queue, ...]:
    """The durable queues that a message with this routing key must reach; where there is one, losing it is an error."""
    return _QUEUES_BY_STEM.get(routing_key.rpartition(".")[0], ())


def broadcasts_hearing(routing_key: str) -> tuple[Broadcast, ...]:
    return _BROADCASTS_BY_STEM.get(routing_key.rpartition(".")[0], ())
