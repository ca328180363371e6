"""The envelope of every event, and the words that several events share."""

from datetime import datetime
from typing import Annotated, ClassVar, Literal
from uuid import UUID, uuid5

from pydantic import AwareDatetime, BaseModel, ConfigDict, StringConstraints

ClientCode = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$")]
"""The identifier of a client (a tenant). It is a word of a routing key, hence without points."""

ScopeKind = Literal["company", "family"]

Indicator = Literal[
    "commercial_revenue",
    "month_portfolio",
    "month_order_book",
    "top_customers_month",
    "top_customers_year",
    "top_customer_categories_month",
    "top_customer_categories_year",
    "top_items_month",
    "top_items_year",
    "top_item_families_month",
    "top_item_families_year",
    "top_sales_reps_month",
    "top_sales_reps_year",
    "accounting_revenue",
    "top_customer_outstanding",
    "top_supplier_outstanding",
    "treasury_position",
]
"""The identifiers of the 17 figures, in the order in which they are listed everywhere."""

Role = Literal["mobile", "preparer", "administrator", "operator"]

_NAMESPACE = UUID("5b1f7c0e-6d3b-5a51-9a5e-0c1b6a1d9e42")


def derived_id(*parts: object) -> UUID:
    """An event id that is the same whenever the same fact is told again, so that the inbox knows it."""
    return uuid5(_NAMESPACE, "\x1f".join(str(part) for part in parts))


def utc_text(moment: datetime) -> str:
    """A time as it is written in tokens and cursors: RFC 3339 in UTC, to the microsecond."""
    return moment.isoformat(timespec="microseconds")


class Frozen(BaseModel):
    """What travels: it does not change, and what a later version added to it is ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Event(Frozen):
    """The envelope. `time`: when it happened; `causationid`: the event that led to it; `clientcode`: the tenant."""

    service: ClassVar[str]
    """The service that says it."""

    specversion: Literal["1.0"] = "1.0"
    id: UUID
    source: str
    type: str
    subject: str
    time: AwareDatetime
    datacontenttype: Literal["application/json"] = "application/json"
    clientcode: ClientCode
    traceparent: str | None = None
    causationid: UUID | None = None

    @classmethod
    def event_type(cls) -> str:
        """The full type, for instance `vigie.indicators.extracted.v1`."""
        return str(cls.model_fields["type"].default)

    @classmethod
    def routing_stem(cls) -> str:
        """The routing key without the client, for instance `indicators.extracted.v1`."""
        return cls.event_type().removeprefix("vigie.")

    @property
    def routing_key(self) -> str:
        return f"{self.routing_stem()}.{self.clientcode}"

    def to_bytes(self) -> bytes:
        """The structured JSON form: what is stored, sent and kept as a golden file."""
        return self.model_dump_json(exclude_none=True).encode()


class Scope(Frozen):
    """A company or a family: whatever a snapshot is about."""

    kind: ScopeKind
    code: str


class NamedScope(Scope):
    name: str


class EmptiedData(Frozen):
    """What a service no longer holds since it heard of the deletion `deletion_id` (R11): how many things of each kind
    are gone. It holds nothing any more that was published by an extraction that started up to `at`."""

    deletion_id: UUID
    at: AwareDatetime
    gone: dict[str, int]
