"""The phones that are listening, and what every instance of the gateway hears for them."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from datetime import datetime
from uuid import UUID

import structlog
from pydantic import ValidationError

from vigie_mobile_gateway.domain.announcement import (
    Announcement,
    Deletion,
    DeletionNotice,
    Notice,
    ScopeKey,
    is_deleted,
)
from vigie_mobile_gateway.sessions import Sessions, SignedIn
from vigie_mobile_gateway.snapshots import Snapshots
from vigie_shared import events
from vigie_shared.events import (
    ClientSuspended,
    DataDeleted,
    DirectoryCompanyRemoved,
    DirectoryCompanySaved,
    DirectoryDossierChanged,
    DirectoryFamilyRemoved,
    DirectoryFamilySaved,
    DirectoryIndicatorsChanged,
    DirectoryUserRemoved,
    DirectoryUserSaved,
    SessionRevoked,
    SnapshotPublished,
)

log = structlog.get_logger()


class Phone:
    """One open stream. What it has not taken yet is at most one announcement for each of its scopes, the newest, and
    before them one deletion, the latest."""

    def __init__(self, signed_in: SignedIn) -> None:
        self.signed_in = signed_in
        self._scopes: frozenset[ScopeKey] = frozenset((scope.kind, scope.code) for scope in signed_in.rights.scopes)
        self._waiting: dict[ScopeKey, Announcement] = {}
        self._deletion: Deletion | None = None
        self._wake = asyncio.Event()
        self.ended = False

    def offer(self, announcement: Announcement) -> None:
        """Tell the phone, if the scope is one of its user's."""
        if announcement.key in self._scopes:
            self._waiting[announcement.key] = announcement
            self._wake.set()

    def delete(self, deletion: Deletion) -> None:
        """Tell the phone that everything of its user's scopes is gone, but for what is announced of later."""
        self._deletion = deletion
        self._waiting = {key: one for key, one in self._waiting.items() if not deletion.takes(one)}
        self._wake.set()

    def end(self) -> None:
        """Let the stream end; the phone may come back and is then asked anew who it is."""
        self.ended = True
        self._wake.set()

    async def take(self, seconds: float) -> list[Notice]:
        """What there is to tell; nothing when the stream has ended or `seconds` have passed."""
        try:
            async with asyncio.timeout(seconds):
                await self._wake.wait()
        except TimeoutError:
            return []
        self._wake.clear()
        waiting, self._waiting = self._waiting, {}
        deletion, self._deletion = self._deletion, None
        gone = [DeletionNotice(deletion, self.signed_in.rights.scopes)] if deletion is not None else []
        return [*gone, *waiting.values()]


class Phones:
    """All phones that listen to this instance."""

    def __init__(self) -> None:
        self._by_client: dict[str, set[Phone]] = {}
        self._stopping = False

    def __len__(self) -> int:
        return sum(map(len, self._by_client.values()))

    def open(self, signed_in: SignedIn) -> Phone:
        """Count a phone among those that listen, from now until it is closed."""
        phone = Phone(signed_in)
        self._by_client.setdefault(signed_in.client, set()).add(phone)
        if self._stopping:
            phone.end()
        return phone

    def close(self, phone: Phone) -> None:
        phones = self._by_client.get(phone.signed_in.client, set())
        phones.discard(phone)
        if not phones:
            self._by_client.pop(phone.signed_in.client, None)

    def announce(self, client: str, announcement: Announcement) -> None:
        """Tell the client's phones, each only of its user's scopes (R2, R13)."""
        for phone in self._by_client.get(client, ()):
            phone.offer(announcement)

    def delete(self, client: str, deletion: Deletion) -> None:
        """Tell the client's phones that everything is gone, each of its user's scopes only (R2, R13)."""
        for phone in self._by_client.get(client, ()):
            phone.delete(deletion)

    def end(self, client: str, which: Callable[[SignedIn], bool] = lambda _: True) -> None:
        """End streams of a client."""
        for phone in self._by_client.get(client, ()):
            if which(phone.signed_in):
                phone.end()

    def end_session(self, client: str, session_id: UUID) -> None:
        self.end(client, lambda signed_in: signed_in.session_id == session_id)

    def end_all(self) -> None:
        """End every stream, of all clients."""
        for client in self._by_client:
            self.end(client)

    def stop(self) -> None:
        """End every stream, and from now on each new one as soon as it is open: this instance is about to go."""
        self._stopping = True
        self.end_all()


class Live:
    """Hears what every instance must know at once: what it remembers is dropped, and who listens is told or let go."""

    def __init__(self, sessions: Sessions, snapshots: Snapshots, phones: Phones) -> None:
        self._sessions = sessions
        self._snapshots = snapshots
        self._phones = phones
        self._deleted_until: dict[str, datetime] = {}
        """By client, what this instance has heard of. What it has not heard of, the publisher answers no more."""

    async def gap(self) -> None:
        """Something may have been missed: nothing that is remembered can be relied on, and no open stream either."""
        self._sessions.forget_all()
        self._snapshots.forget_all()
        self._phones.end_all()

    async def hear(self, body: bytes) -> None:
        """Take in one broadcast message."""
        try:
            event = events.parse(body)
        except ValidationError:
            log.warning("broadcast_not_understood", size=len(body))
            await self.gap()
            return
        client = event.clientcode
        match event:
            case SnapshotPublished(data=data):
                # First the bytes, then the phones: who is told and asks at once gets the new snapshot.
                self._snapshots.forget(client, data.scope)
                if not is_deleted(data.started_at, self._deleted_until.get(client)):
                    self._phones.announce(client, announcement(event))
            case DataDeleted(data=data):
                self._snapshots.forget_client(client)
                self._deleted_until[client] = max(data.at, self._deleted_until.get(client, data.at))
                self._phones.delete(client, deletion(event))
            case DirectoryUserSaved(data=data) | DirectoryUserRemoved(data=data):
                username = data.username
                self._sessions.forget_user(client, username)
                self._phones.end(client, lambda signed_in: signed_in.username == username)
            case SessionRevoked(data=data):
                self._sessions.forget_session(client, data.session_id)
                self._phones.end_session(client, data.session_id)
            case DirectoryCompanySaved() | DirectoryFamilySaved():
                self._sessions.forget_client(client)
            case (
                DirectoryCompanyRemoved()
                | DirectoryFamilyRemoved()
                | DirectoryDossierChanged()
                | DirectoryIndicatorsChanged()
                | ClientSuspended()
            ):
                self._sessions.forget_client(client)
                self._phones.end(client)
            case _:
                log.warning("broadcast_not_for_us", type=event.type)


def announcement(event: SnapshotPublished) -> Announcement:
    """The event in the words in which phones are told."""
    data = event.data
    return Announcement(event.id, data.scope, data.as_of, data.published_at, data.started_at)


def deletion(event: DataDeleted) -> Deletion:
    """The event in the words in which phones are told."""
    return Deletion(event.id, event.data.at, event.time)


async def stream(
    phone: Phone, missed: Iterable[Notice], *, heartbeat: float, clock: Callable[[], float]
) -> AsyncIterator[bytes]:
    """The server-sent events of one phone, until its session or its token ends; a comment every `heartbeat` seconds."""
    yield b"retry: 2000\n\n"
    told = set()
    for one in missed:
        told.add(one.event_id)
        yield one.server_sent()
    while (left := phone.signed_in.expires_at - clock()) > 0:
        news = await phone.take(min(heartbeat, left))
        if phone.ended:
            return
        for one in news:
            if one.event_id not in told:
                yield one.server_sent()
        if not news:
            yield b": still here\n\n"
