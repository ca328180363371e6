"""Where a list goes on: the moment and the id, or the name and the id, of the last one that was handed out."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime
from uuid import UUID

from vigie_shared.errors import Unprocessable


def cursor_at(moment: datetime, last: UUID) -> str:
    return _cursor(moment.isoformat(), last)


def cursor_behind(name: str, last: UUID) -> str:
    return _cursor(name, last)


def moment_in(cursor: str) -> tuple[datetime, UUID]:
    """Raises Unprocessable for what `cursor_at` has not made."""
    text, last = name_in(cursor)
    try:
        return datetime.fromisoformat(text).astimezone(UTC), last
    except (ValueError, OverflowError):
        raise _refused() from None


def name_in(cursor: str) -> tuple[str, UUID]:
    """Raises Unprocessable for what `cursor_behind` has not made."""
    try:
        last, _, text = urlsafe_b64decode(cursor.encode()).decode().partition(" ")
        if "\0" in text:
            raise _refused()
        return text, UUID(last)
    except ValueError:
        raise _refused() from None


def _cursor(text: str, last: UUID) -> str:
    return urlsafe_b64encode(f"{last} {text}".encode()).decode()


def _refused() -> Unprocessable:
    return Unprocessable("The cursor is not one that this list has handed out.")
