"""The PostgreSQL and RabbitMQ that all tests of one run share."""

from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from types import TracebackType
from typing import Self, assert_never

from tests.stack.compose import ComposeStores
from tests.stack.postgres import PostgresNode
from tests.stack.process import NodeError
from tests.stack.provision import Container, DebianPackage, Given, Missing, OwnPostgres, OwnRabbit, Source, Store
from tests.stack.rabbitmq import RabbitNode


class SharedStores:
    """Starts the stores of `sources` side by side when entered, and ends those that it started when left."""

    def __init__(self, sources: Iterable[tuple[Store, Source]]) -> None:
        self._sources = dict(sources)
        self._starters = ThreadPoolExecutor(max_workers=len(Store))
        self._endings = ExitStack()
        self._urls: dict[Store, Future[str]] = {}

    def url(self, store: Store) -> str:
        """The address of `store`, once it answers; NodeError when it does not."""
        return self._urls[store].result()

    def __enter__(self) -> Self:
        for store, source in self._sources.items():
            self._urls[store] = self._starters.submit(self._start, store, source)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        # A server still on its way up must be there before it can be ended.
        self._starters.shutdown(wait=True)
        self._endings.close()

    def _start(self, store: Store, source: Source) -> str:
        match source:
            case Given(url):
                return url
            case OwnPostgres(binaries):
                postgres = PostgresNode(binaries)
                self._endings.callback(postgres.close)
                postgres.start()
                return postgres.url()
            case OwnRabbit(binaries):
                rabbit = RabbitNode(binaries)
                self._endings.callback(rabbit.close)
                rabbit.start()
                return rabbit.url
            case Container():
                containers = ComposeStores()
                self._endings.callback(containers.close)
                return containers.start_postgres() if store is Store.POSTGRES else containers.start_rabbitmq()
            case DebianPackage(name):
                raise NodeError(
                    f"{name} is not installed; `make test` installs it, or: python -m tests.stack.provision"
                )
            case Missing(remedy):
                raise NodeError(remedy)
            case _:
                assert_never(source)
