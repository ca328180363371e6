"""Extraction parameters: set over what the sources say of themselves, once their data bears them out."""

import structlog

from vigie_extractor.auth import Auth, PublishedIndicators
from vigie_extractor.clock import Clock
from vigie_extractor.domain.parameters import Chosen
from vigie_extractor.domain.vocabulary import Vocabulary, objections, to_look_up
from vigie_extractor.handlers.answers import ParametersDocument, SourceParameters, set_parameters
from vigie_extractor.handlers.surveys import Surveys, in_doubt
from vigie_extractor.storage import parameters as storage
from vigie_extractor.survey import Survey, Unreadable
from vigie_shared.audit import Actor, record
from vigie_shared.conditional import ANY_STATE, Precondition
from vigie_shared.database import Pool, transaction
from vigie_shared.errors import Unprocessable

log = structlog.get_logger()


class ParameterSettings:
    """What an administrator does with extraction parameters."""

    def __init__(self, pool: Pool, auth: Auth, surveys: Surveys, clock: Clock) -> None:
        self._pool = pool
        self._auth = auth
        self._surveys = surveys
        self._clock = clock

    async def show(self, client: str, token: str) -> ParametersDocument:
        """What is set, and what holds with it. Which indicators are published is auth's to say."""
        published = await self._auth.published_indicators(token)
        beneath = await self._surveys.own(client)
        async with transaction(self._pool, client) as connection:
            chosen = await storage.find(connection, client)
        return _document(chosen, published, beneath)

    async def save(
        self,
        client: str,
        token: str,
        actor: Actor,
        chosen: Chosen,
        published: PublishedIndicators | None = None,
        expected: Precondition = ANY_STATE,
    ) -> ParametersDocument:
        """Set all parameters anew. `published` None leaves what is published as it is; auth is told of it first, so
        that a refusal of auth's changes nothing here.

        Raises Unprocessable with every value that names nothing in the sources, Conflict where that cannot be told now,
        PreconditionFailed, and what auth refuses.
        """
        beneath = await self._surveys.own(client)
        await self.look_up(client, token, chosen, beneath)
        published_before = await self._auth.published_indicators(token)
        if published is not None and published != published_before:
            async with transaction(self._pool, client) as connection:
                expected.expect(_document(await storage.find(connection, client), published_before, beneath))
            await self._auth.publish_indicators(token, published)
        published_now = published or published_before
        async with transaction(self._pool, client) as connection:
            await storage.lock(connection, client)
            before = await storage.find(connection, client)
            expected.expect(_document(before, published_before, beneath))
            await storage.save(connection, client, chosen, self._clock())
            await record(
                connection,
                actor,
                client=client,
                action="parameters.saved",
                subject="parameters",
                before=set_parameters(before, published_before.indicators).model_dump(mode="json"),
                after=set_parameters(chosen, published_now.indicators).model_dump(mode="json"),
            )
        log.info("parameters_saved", client=client, by=actor.name, set=sorted(chosen.said()))
        return _document(chosen, published_now, beneath)

    async def look_up(self, client: str, token: str, chosen: Chosen, beneath: tuple[Survey | Unreadable, ...]) -> None:
        """Raises Unprocessable with every value that names nothing in the data of the sources, Conflict where that
        cannot be told now. What no look at the data could prove wrong is not looked up."""
        wanted = to_look_up(chosen, [one.own for one in beneath if isinstance(one, Survey)])
        if not wanted:
            return
        surveys = await self._surveys.look(client, token, chosen)
        known = Vocabulary()
        for one in surveys:
            known |= one.vocabulary
        sold = {
            category: None for one in surveys for category in chosen.over(one.own).parameters().sold_item_categories
        }
        found = objections(chosen, wanted, known, tuple(sold))
        if found:
            in_doubt(surveys)
            raise Unprocessable(
                "These parameters name what the sources do not have. Nothing was changed.",
                errors=[
                    {"where": f"body.{one.parameter}", "what": one.what, "values": list(one.values)} for one in found
                ],
            )


def _document(
    chosen: Chosen, published: PublishedIndicators, beneath: tuple[Survey | Unreadable, ...]
) -> ParametersDocument:
    return ParametersDocument(
        **dict(set_parameters(chosen, published.indicators)),
        effective=tuple(SourceParameters.of(chosen, one) for one in beneath),
    )
