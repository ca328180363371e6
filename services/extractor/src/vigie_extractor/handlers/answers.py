"""What administration answers: the state of things as a reader sees it, and as a precondition is compared with it."""

from typing import Any, Self

from pydantic import BaseModel, ConfigDict, RootModel

from vigie_extractor.domain.headings import Heading
from vigie_extractor.domain.parameters import DEFAULTS, HEADINGS, Chosen, DisplayCurrency, Origin
from vigie_extractor.domain.source import Source, SourceKind
from vigie_extractor.survey import Survey, Unreadable


class Answer(BaseModel):
    model_config = ConfigDict(frozen=True)


class SourceDocument(Answer):
    name: str
    kind: SourceKind
    location: str
    companies: tuple[str, ...] | None
    watch: bool

    @classmethod
    def of(cls, source: Source) -> Self:
        return cls(
            name=source.name,
            kind=source.kind,
            location=source.location,
            companies=source.companies,
            watch=source.watch,
        )


class EffectiveText(Answer):
    """A value that holds; `origin` says who says so: `set` here, the `source` itself, or nobody (`default`)."""

    value: str
    origin: Origin


class EffectiveTexts(Answer):
    """As EffectiveText. Opening journals none: the rule of the usual codes and labels."""

    value: tuple[str, ...] | None
    origin: Origin


class EffectiveHeadings(Answer):
    net_revenue: EffectiveTexts
    customer_outstanding: EffectiveTexts
    supplier_outstanding: EffectiveTexts
    bank: EffectiveTexts


class EffectiveParameters(Answer):
    """What holds for the data of one source."""

    currency: EffectiveText
    customer_category_axis: EffectiveText
    item_category_axis: EffectiveText
    sold_item_categories: EffectiveTexts
    headings: EffectiveHeadings
    opening_journals: EffectiveTexts

    @classmethod
    def of(cls, chosen: Chosen, own: Chosen) -> Self:
        return cls(
            currency=_text("currency", chosen, own),
            customer_category_axis=_text("customer_category_axis", chosen, own),
            item_category_axis=_text("item_category_axis", chosen, own),
            sold_item_categories=_texts("sold_item_categories", chosen, own),
            headings=EffectiveHeadings(**{name: _texts(name, chosen, own) for name in HEADINGS}),
            opening_journals=_texts("opening_journals", chosen, own),
        )


class SourceParameters(Answer):
    """What holds for the data of one source; `unreadable` says why nobody can tell now what it says of itself."""

    source: str
    parameters: EffectiveParameters | None
    unreadable: str | None

    @classmethod
    def of(cls, chosen: Chosen, source: Survey | Unreadable) -> Self:
        match source:
            case Survey():
                return cls(source=source.source, parameters=EffectiveParameters.of(chosen, source.own), unreadable=None)
            case Unreadable():
                return cls(source=source.source, parameters=None, unreadable=source.why)


class HeadingsDocument(Answer):
    net_revenue: tuple[str, ...] | None
    customer_outstanding: tuple[str, ...] | None
    supplier_outstanding: tuple[str, ...] | None
    bank: tuple[str, ...] | None


class SetParameters(Answer):
    """What is set; none: what the source says of itself holds. `published_indicators` none: all."""

    currency: DisplayCurrency | None
    customer_category_axis: str | None
    item_category_axis: str | None
    sold_item_categories: tuple[str, ...] | None
    headings: HeadingsDocument
    opening_journals: tuple[str, ...] | None
    published_indicators: tuple[str, ...] | None


class ParametersDocument(SetParameters):
    """What is set, and what holds with it for each source."""

    effective: tuple[SourceParameters, ...]


class CashAccountDocument(Answer):
    """A 53 account of the books, or another one that was declared, and whether it counts as a cash account (R7): none
    where nobody has said. `origin` is who has said it."""

    company: str
    account: str
    label: str
    cash_account: bool | None
    origin: Origin | None


class CashAccountList(RootModel[tuple[CashAccountDocument, ...]]):
    """By company and account."""

    model_config = ConfigDict(frozen=True)


def set_parameters(chosen: Chosen, published: tuple[str, ...] | None) -> SetParameters:
    return SetParameters(
        currency=chosen.currency,
        customer_category_axis=chosen.customer_category_axis,
        item_category_axis=chosen.item_category_axis,
        sold_item_categories=chosen.sold_item_categories,
        headings=HeadingsDocument(**{name: _prefixes(getattr(chosen, name)) for name in HEADINGS}),
        opening_journals=chosen.opening_journals,
        published_indicators=published,
    )


def _prefixes(heading: Heading | None) -> tuple[str, ...] | None:
    return None if heading is None else heading.prefixes


def _of(name: str, chosen: Chosen, own: Chosen) -> tuple[Any, Origin]:
    for layer, origin in ((chosen, Origin.SET), (own, Origin.SOURCE)):
        value = getattr(layer, name)
        if value is not None:
            return value, origin
    return getattr(DEFAULTS, name), Origin.DEFAULT


def _text(name: str, chosen: Chosen, own: Chosen) -> EffectiveText:
    value, origin = _of(name, chosen, own)
    return EffectiveText(value=value, origin=origin)


def _texts(name: str, chosen: Chosen, own: Chosen) -> EffectiveTexts:
    value, origin = _of(name, chosen, own)
    return EffectiveTexts(value=value.prefixes if isinstance(value, Heading) else value, origin=origin)
