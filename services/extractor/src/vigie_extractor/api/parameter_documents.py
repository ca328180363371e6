"""The bodies of extraction parameters and cash accounts."""

from datetime import date
from typing import Annotated, Any, Self

from pydantic import Field, RootModel, StringConstraints, model_validator

from vigie_extractor.api.documents import Body, Code
from vigie_extractor.auth import PublishedIndicators
from vigie_extractor.domain.comparison import ComparedScope
from vigie_extractor.domain.headings import Heading
from vigie_extractor.domain.parameters import HEADINGS, CashAccount, Chosen, DisplayCurrency
from vigie_extractor.domain.report import ScopeLine
from vigie_extractor.domain.run import FIRST_DAY, LAST_DAY, Request
from vigie_extractor.domain.selection import Selection
from vigie_extractor.handlers.answers import Answer
from vigie_extractor.handlers.parameter_preview import PreviewedParameters
from vigie_extractor.indicators.result import IndicatorId

Named = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]{1,100}$")]
"""The name of an axis, a category or a journal."""

Prefix = Annotated[str, StringConstraints(pattern=r"^-?[0-9A-Za-z]{1,30}$")]
"""A prefix of account numbers; with a minus it excludes."""

AccountNumber = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]{1,100}$")]

Prefixes = Annotated[tuple[Prefix, ...], Field(max_length=1_000, examples=[["70", "-709"]])]


class HeadingsBody(Body):
    """None: as the source says."""

    net_revenue: Prefixes | None = None
    customer_outstanding: Prefixes | None = None
    supplier_outstanding: Prefixes | None = None
    bank: Prefixes | None = None


class ParametersBody(Body):
    """All parameters anew; one that is none or absent is as the source says. `published_indicators` none: all of them;
    absent: those that are published stay so."""

    currency: DisplayCurrency | None = None
    customer_category_axis: Named | None = None
    item_category_axis: Named | None = None
    sold_item_categories: Annotated[tuple[Named, ...], Field(max_length=10_000)] | None = None
    headings: HeadingsBody | None = None
    opening_journals: Annotated[tuple[Named, ...], Field(max_length=1_000)] | None = None
    published_indicators: tuple[IndicatorId, ...] | None = None

    def chosen(self) -> Chosen:
        headings = self.headings or HeadingsBody()
        prefixes = {name: getattr(headings, name) for name in HEADINGS}
        return Chosen(
            currency=self.currency,
            customer_category_axis=self.customer_category_axis,
            item_category_axis=self.item_category_axis,
            sold_item_categories=self.sold_item_categories,
            opening_journals=self.opening_journals,
            **{name: Heading(value) for name, value in prefixes.items() if value is not None},
        )

    def published(self) -> PublishedIndicators | None:
        """Those to be published, in the order of the indicators; None where the request does not speak of it."""
        if "published_indicators" not in self.model_fields_set:
            return None
        named = self.published_indicators
        return PublishedIndicators(
            indicators=None if named is None else tuple(one.value for one in IndicatorId if one in named)
        )


class PreviewedScopes(Body):
    """Neither companies nor families: all that are ticked *to extract*. `as_of`: the system date, else today."""

    as_of: Annotated[date, Field(ge=FIRST_DAY, le=LAST_DAY)] | None = None
    company: Annotated[tuple[Code, ...], Field(max_length=1_000)] = ()
    family: Annotated[tuple[Code, ...], Field(max_length=1_000)] = ()

    def request(self) -> Request:
        if not self.company and not self.family:
            return Request(Selection(), self.as_of)
        return Request(Selection(tuple(sorted(set(self.company))), tuple(sorted(set(self.family)))), self.as_of)


class ComparedIndicator(Answer):
    """`now` and `then` as the result document writes the indicator, none where it is not published."""

    indicator: IndicatorId
    changed: bool
    now: dict[str, Any] | None
    then: dict[str, Any] | None


class ComparedCurrency(Answer):
    now: str | None
    then: str | None


class ComparedScopeDocument(Answer):
    kind: str
    code: str
    name: str
    changed: bool
    currency: ComparedCurrency
    indicators: tuple[ComparedIndicator, ...]

    @classmethod
    def of(cls, compared: ComparedScope) -> Self:
        scope = compared.scope
        now, then = (None if side is None else side.currency for side in (compared.now, compared.then))
        return cls(
            kind=scope.kind,
            code=scope.code,
            name=scope.name,
            changed=compared.changed,
            currency=ComparedCurrency(now=now, then=then),
            indicators=tuple(
                ComparedIndicator(indicator=IndicatorId(one.indicator), changed=one.changed, now=one.now, then=one.then)
                for one in compared.indicators
            ),
        )


class ParametersPreviewDocument(Answer):
    """`left_out`: scopes that could not be extracted with these parameters; `anomalies`: those that would be found and
    are not now."""

    as_of: date
    scopes: tuple[ComparedScopeDocument, ...]
    left_out: tuple[ScopeLine, ...]
    anomalies: tuple[dict[str, Any], ...]

    @classmethod
    def of(cls, previewed: PreviewedParameters) -> Self:
        return cls(
            as_of=previewed.as_of,
            scopes=tuple(ComparedScopeDocument.of(one) for one in previewed.scopes),
            left_out=previewed.left_out,
            anomalies=previewed.anomalies,
        )


class CashAccountBody(Body):
    """`cash_account` none: as the source says. `label` and `origin` are what `GET` answers, and change nothing."""

    company: Code
    account: AccountNumber
    label: str | None = None
    cash_account: bool | None
    origin: str | None = None


class CashAccountsBody(RootModel[Annotated[tuple[CashAccountBody, ...], Field(max_length=100_000)]]):
    """All options anew; an account that is not in the list is as the source says."""

    @model_validator(mode="after")
    def _once_each(self) -> "CashAccountsBody":
        seen = set()
        for one in self.root:
            if (one.company, one.account) in seen:
                raise ValueError(f"names account {one.account} of company {one.company} twice")
            seen.add((one.company, one.account))
        return self

    def options(self) -> tuple[CashAccount, ...]:
        return tuple(
            CashAccount(one.company, one.account, one.cash_account) for one in self.root if one.cash_account is not None
        )

    def mentioned(self) -> tuple[tuple[str, str], ...]:
        return tuple((one.company, one.account) for one in self.root)
