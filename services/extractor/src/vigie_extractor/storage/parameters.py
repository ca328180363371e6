"""The extraction parameters that a client has set, and its cash accounts."""

from collections.abc import Sequence
from datetime import datetime

from vigie_extractor.domain.headings import Heading
from vigie_extractor.domain.parameters import HEADINGS, NOTHING_CHOSEN, CashAccount, Chosen, DisplayCurrency
from vigie_shared.database import Connection


async def lock(connection: Connection, client: str) -> None:
    """Let one transaction at a time change what a client has set."""
    await connection.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended(current_schema() || '.parameters.' || $1, 0))", client
    )


async def try_preview(connection: Connection, client: str) -> bool:
    """Whether no other preview of the client is being computed anywhere; none begins before this transaction ends."""
    return bool(
        await connection.fetchval(
            "SELECT pg_try_advisory_xact_lock(hashtextextended(current_schema() || '.preview.' || $1, 0))", client
        )
    )


async def find(connection: Connection, client: str) -> Chosen:
    row = await connection.fetchrow(
        """
        SELECT currency, customer_category_axis, item_category_axis, sold_item_categories, opening_journals,
               net_revenue, customer_outstanding, supplier_outstanding, bank
        FROM parameters WHERE client_code = $1
        """,
        client,
    )
    if row is None:
        return NOTHING_CHOSEN
    return Chosen(
        currency=None if row["currency"] is None else DisplayCurrency(row["currency"]),
        customer_category_axis=row["customer_category_axis"],
        item_category_axis=row["item_category_axis"],
        sold_item_categories=_texts(row["sold_item_categories"]),
        opening_journals=_texts(row["opening_journals"]),
        **{name: Heading(tuple(row[name])) for name in HEADINGS if row[name] is not None},
    )


async def save(connection: Connection, client: str, chosen: Chosen, at: datetime) -> None:
    """Keep what is chosen in the place of everything set before."""
    await connection.execute(
        """
        INSERT INTO parameters (client_code, currency, customer_category_axis, item_category_axis,
                                sold_item_categories, opening_journals, net_revenue, customer_outstanding,
                                supplier_outstanding, bank, saved_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
        ON CONFLICT (client_code) DO UPDATE
        SET currency = excluded.currency, customer_category_axis = excluded.customer_category_axis,
            item_category_axis = excluded.item_category_axis, sold_item_categories = excluded.sold_item_categories,
            opening_journals = excluded.opening_journals, net_revenue = excluded.net_revenue,
            customer_outstanding = excluded.customer_outstanding,
            supplier_outstanding = excluded.supplier_outstanding, bank = excluded.bank, saved_at = excluded.saved_at
        """,
        client,
        chosen.currency,
        chosen.customer_category_axis,
        chosen.item_category_axis,
        chosen.sold_item_categories,
        chosen.opening_journals,
        *(None if heading is None else heading.prefixes for heading in (getattr(chosen, one) for one in HEADINGS)),
        at,
    )


async def cash_accounts(connection: Connection, client: str) -> tuple[CashAccount, ...]:
    """The options that are set, by company and account."""
    rows = await connection.fetch(
        """
        SELECT company, account, cash_account FROM cash_accounts
        WHERE client_code = $1 ORDER BY company COLLATE "C", account COLLATE "C"
        """,
        client,
    )
    return tuple(CashAccount(**row) for row in rows)


async def save_cash_accounts(connection: Connection, client: str, options: Sequence[CashAccount]) -> None:
    """Keep these options in the place of all that were set before."""
    await connection.execute("DELETE FROM cash_accounts WHERE client_code = $1", client)
    await connection.execute(
        """
        INSERT INTO cash_accounts (client_code, company, account, cash_account)
        SELECT $1, company, account, cash_account
        FROM unnest($2::text[], $3::text[], $4::boolean[]) AS option (company, account, cash_account)
        """,
        client,
        [one.company for one in options],
        [one.account for one in options],
        [one.cash_account for one in options],
    )


def _texts(value: Sequence[str] | None) -> tuple[str, ...] | None:
    return None if value is None else tuple(value)
