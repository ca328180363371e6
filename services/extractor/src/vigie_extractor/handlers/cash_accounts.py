"""Cash accounts: which 53 accounts of the books count in the treasury (R7), set over what the sources say."""

from collections.abc import Iterable, Sequence

import structlog

from vigie_extractor.domain.parameters import NOTHING_CHOSEN, CashAccount, Origin
from vigie_extractor.handlers.answers import CashAccountDocument, CashAccountList
from vigie_extractor.handlers.surveys import Surveys, in_doubt
from vigie_extractor.storage import parameters as storage
from vigie_extractor.survey import Survey
from vigie_shared.audit import Actor, record
from vigie_shared.conditional import ANY_STATE, Precondition
from vigie_shared.database import Pool, transaction
from vigie_shared.errors import Unprocessable

log = structlog.get_logger()


class CashAccounts:
    """What an administrator does with cash accounts."""

    def __init__(self, pool: Pool, surveys: Surveys) -> None:
        self._pool = pool
        self._surveys = surveys

    async def show(self, client: str, token: str) -> CashAccountList:
        """The 53 accounts that the sources hold now, and all others that have an option. Raises Conflict where a source
        cannot be read."""
        surveys = await self._surveys.look(client, token, NOTHING_CHOSEN)
        async with transaction(self._pool, client) as connection:
            chosen = await storage.cash_accounts(connection, client)
        return _listed(surveys, chosen)

    async def save(
        self,
        client: str,
        token: str,
        actor: Actor,
        options: Sequence[CashAccount],
        mentioned: Sequence[tuple[str, str]],
        expected: Precondition = ANY_STATE,
    ) -> CashAccountList:
        """Set the options anew: what is not in `options` is as the source says. `mentioned` are the accounts of the
        request, those without an option included.

        Raises Unprocessable for an account that is in no book, Conflict where that cannot be told now,
        PreconditionFailed.
        """
        surveys = await self._surveys.look(client, token, NOTHING_CHOSEN)
        async with transaction(self._pool, client) as connection:
            await storage.lock(connection, client)
            before = await storage.cash_accounts(connection, client)
            now = _listed(surveys, before)
            expected.expect(now)
            _know(mentioned, now, surveys)
            await storage.save_cash_accounts(connection, client, options)
            await record(
                connection,
                actor,
                client=client,
                action="cash-accounts.saved",
                subject="cash-accounts",
                before=_as_set(before),
                after=_as_set(options),
            )
        log.info("cash_accounts_saved", client=client, by=actor.name, set=len(options))
        return _listed(surveys, options)


def _know(mentioned: Iterable[tuple[str, str]], listed: CashAccountList, surveys: Sequence[Survey]) -> None:
    known = {(one.company, one.account) for one in listed.root}
    errors = []
    for index, (company, account) in enumerate(mentioned):
        if (company, account) not in known:
            there = [one.account for one in listed.root if one.company == company]
            what = f"company {company} has no cash account {account} in its books; it has {', '.join(there) or 'none'}"
            errors.append({"where": f"body.{index}", "what": what, "values": there})
    if errors:
        in_doubt(surveys)
        raise Unprocessable("There are no such accounts in the books. Nothing was changed.", errors=errors)


def _listed(surveys: Sequence[Survey], chosen: Sequence[CashAccount]) -> CashAccountList:
    labels = {(one.company, one.account): one.label for survey in surveys for one in survey.cash}
    own = {(one.company, one.account): one.cash_account for survey in surveys for one in survey.declared}
    here = {(one.company, one.account): one.cash_account for one in chosen}
    return CashAccountList(
        tuple(
            CashAccountDocument(
                company=at[0],
                account=at[1],
                label=labels.get(at, ""),
                cash_account=here.get(at, own.get(at)),
                origin=Origin.SET if at in here else Origin.SOURCE if at in own else None,
            )
            for at in sorted({*labels, *own, *here}, key=lambda one: (one[0].encode(), one[1].encode()))
        )
    )


def _as_set(options: Sequence[CashAccount]) -> dict[str, dict[str, bool]]:
    """By company and account, the options that are set."""
    companies = dict.fromkeys(one.company for one in options)
    return {
        company: {one.account: one.cash_account for one in options if one.company == company} for company in companies
    }
