"""Pages by cursor: every list is bounded, stable under inserts, and goes on where it stopped."""

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar
from uuid import UUID

from tessera.kit.errors import CursorInvalid

__all__ = ["MAX_PAGE", "Page", "cursor_of", "page_of", "position_of"]

T = TypeVar("T")

MAX_PAGE = 200
"""Most rows of one page."""


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """A bounded part of a list; `next_cursor` is None on the last page."""

    items: Sequence[T]
    next_cursor: str | None


def cursor_of(position: UUID) -> str:
    """Return the opaque cursor for a row whose sort key is `position`."""
    return base64.urlsafe_b64encode(position.bytes).decode("ascii").rstrip("=")


def position_of(cursor: str | None) -> UUID | None:
    """Return the sort key behind `cursor` (None for the first page); refuses `cursor_invalid`."""
    if not cursor:
        return None
    try:
        return UUID(bytes=base64.b64decode(cursor + "==", altchars=b"-_", validate=True))
    except (binascii.Error, ValueError):
        raise CursorInvalid from None


def page_of(rows: Sequence[T], *, limit: int, key: Callable[[T], UUID]) -> Page[T]:
    """Make a page from up to `limit` + 1 rows: the one too many only says that there is a next page."""
    more = len(rows) > limit
    items = rows[:limit]
    return Page(items=items, next_cursor=cursor_of(key(items[-1])) if more else None)
