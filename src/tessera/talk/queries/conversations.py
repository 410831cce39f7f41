"""Conversations as each of their two sees them. What two people say is read here alone, and needs one of the two."""

import base64
import binascii
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from tessera.kit.clock import EPOCH
from tessera.kit.errors import CursorInvalid, NotFound
from tessera.kit.paging import Page, page_of, position_of
from tessera.talk.models import ContactOffer, Conversation, Message, ReadMark
from tessera.talk.queries.blocks import blocked_ids
from tessera.talk.rules import pair_of

__all__ = [
    "Conversation",
    "Message",
    "TalkRow",
    "count_requests",
    "count_unanswered",
    "count_unread",
    "find_conversation",
    "find_offers",
    "get_conversation",
    "list_conversations",
    "list_messages",
    "list_messages_since",
    "list_requests",
    "list_talking",
]

_NOBODY = UUID(int=0)


@dataclass(frozen=True, slots=True)
class TalkRow:
    """A conversation as one of its two sees it.

    `state`: "asked" (he has to answer), "waiting" (the other has to), "accepted" or "declined". `last_text` is the last
    message's, `unread`: something of the other's that was not read.
    """

    conversation: Conversation
    other_id: UUID
    state: str
    last_text: str
    last_own: bool
    unread: bool

    @property
    def id(self) -> UUID:
        """The conversation's."""
        return self.conversation.id


def get_conversation(circle_id: UUID, conversation_id: UUID, *, person_id: UUID) -> TalkRow:
    """Return the conversation to one of its two; refuses `not_found` to everybody else, and where one blocks the other."""
    row = _seen(circle_id, person_id, blocked_ids(person_id)).filter(id=conversation_id).first()
    if row is None:
        raise NotFound
    return _row(row, person_id)


def find_conversation(circle_id: UUID, one_id: UUID, other_id: UUID) -> Conversation | None:
    """Return what two people of a circle have between them, whatever has become of it."""
    low, high = pair_of(one_id, other_id)
    return Conversation.objects.filter(circle_id=circle_id, low_id=low, high_id=high).first()


def list_conversations(
    circle_id: UUID, person_id: UUID, *, cursor: str | None = None, limit: int = 30
) -> Page[TalkRow]:
    """Return what the person has agreed to or waits for, the liveliest first. Refuses `cursor_invalid`."""
    rows = _seen(circle_id, person_id, blocked_ids(person_id)).filter(
        Q(answer="accepted") | Q(answer="", asker_id=person_id)
    )
    return _by_last(rows, person_id, cursor, limit)


def list_requests(
    circle_id: UUID, person_id: UUID, *, cursor: str | None = None, limit: int = 30
) -> Page[TalkRow]:
    """Return the requests that the person has to answer, the newest first. Refuses `cursor_invalid`."""
    rows = _seen(circle_id, person_id, blocked_ids(person_id)).filter(answer="").exclude(asker_id=person_id)
    return _by_last(rows, person_id, cursor, limit)


def count_requests(circle_id: UUID, person_id: UUID) -> int:
    """Return how many requests the person has to answer."""
    return _open_to(circle_id, person_id, blocked_ids(person_id)).count()


def count_unread(circle_id: UUID, person_id: UUID) -> int:
    """Return how many requests and conversations of a circle wait for the person: for the dot at its entrance."""
    blocked = blocked_ids(person_id)
    talks = _seen(circle_id, person_id, blocked).filter(answer="accepted", unread=True).count()
    return talks + _open_to(circle_id, person_id, blocked).count()


def count_unanswered(circle_id: UUID, person_id: UUID) -> int:
    """Return how many of the person's own requests nobody has answered."""
    return Conversation.objects.filter(circle_id=circle_id, asker_id=person_id, answer="").count()


def list_talking(circle_id: UUID, person_id: UUID) -> frozenset[UUID]:
    """Return with whom the person has agreed to talk in a circle: who sees what is shown to "talks"."""
    pairs = _mine(circle_id, person_id).filter(answer="accepted").values_list("low_id", "high_id")
    return frozenset(high if low == person_id else low for low, high in pairs) - blocked_ids(person_id)


def list_messages(
    circle_id: UUID, conversation_id: UUID, *, person_id: UUID, cursor: str | None = None, limit: int = 50
) -> Page[Message]:
    """Return a conversation's messages to one of its two, the newest first. Refuses `not_found`, `cursor_invalid`."""
    get_conversation(circle_id, conversation_id, person_id=person_id)
    rows = Message.objects.filter(circle_id=circle_id, conversation_id=conversation_id).order_by("-id")
    if position := position_of(cursor):
        rows = rows.filter(id__lt=position)
    return page_of(list(rows[: limit + 1]), limit=limit, key=lambda one: one.id)


def list_messages_since(
    circle_id: UUID, conversation_id: UUID, after: UUID, *, person_id: UUID, limit: int = 200
) -> Sequence[Message]:
    """Return what was written after the message `after`, and that one, the oldest first. Refuses `not_found`."""
    get_conversation(circle_id, conversation_id, person_id=person_id)
    rows = Message.objects.filter(circle_id=circle_id, conversation_id=conversation_id, id__gte=after)
    return list(rows.order_by("id")[: limit + 1])


def find_offers(circle_id: UUID, conversation_id: UUID, *, person_id: UUID) -> tuple[bool, bool]:
    """Return who of the two is ready to show his phone number: the person himself, the other one."""
    offered = set(
        ContactOffer.objects.filter(circle_id=circle_id, conversation_id=conversation_id).values_list(
            "person_id", flat=True
        )
    )
    return person_id in offered, bool(offered - {person_id})


def _mine(circle_id: UUID, person_id: UUID) -> "QuerySet[Conversation]":
    return Conversation.objects.filter(Q(low_id=person_id) | Q(high_id=person_id), circle_id=circle_id)


def _open_to(circle_id: UUID, person_id: UUID, blocked: Collection[UUID]) -> "QuerySet[Conversation]":
    rows = _mine(circle_id, person_id).filter(answer="").exclude(asker_id=person_id)
    return rows.exclude(asker_id__in=blocked) if blocked else rows


def _seen(circle_id: UUID, person_id: UUID, blocked: Collection[UUID]) -> "QuerySet[Any]":
    said = Message.objects.filter(circle_id=OuterRef("circle_id"), conversation_id=OuterRef("id"))
    read = ReadMark.objects.filter(
        circle_id=OuterRef("circle_id"), conversation_id=OuterRef("id"), person_id=person_id
    )
    rows = _mine(circle_id, person_id).annotate(
        last_text=Subquery(said.order_by("-id").values("text")[:1]),
        last_from=Subquery(said.order_by("-id").values("from_id")[:1]),
        up_to=Coalesce(Subquery(read.values("up_to")[:1]), _NOBODY),
    )
    rows = rows.annotate(unread=Exists(said.filter(id__gt=OuterRef("up_to")).exclude(from_id=person_id)))
    return rows.exclude(Q(low_id__in=blocked) | Q(high_id__in=blocked)) if blocked else rows


def _row(row: Any, person_id: UUID) -> TalkRow:
    return TalkRow(
        conversation=row,
        other_id=row.high_id if row.low_id == person_id else row.low_id,
        state=row.answer or ("waiting" if row.asker_id == person_id else "asked"),
        last_text=row.last_text or "",
        last_own=row.last_from == person_id,
        unread=row.unread,
    )


def _by_last(rows: "QuerySet[Any]", person_id: UUID, cursor: str | None, limit: int) -> Page[TalkRow]:
    if cursor:
        at, last_id = _place_of(cursor)
        rows = rows.filter(Q(last_at__lt=at) | Q(last_at=at, id__lt=last_id))
    found = list(rows.order_by("-last_at", "-id")[: limit + 1])
    more = len(found) > limit
    items = [_row(row, person_id) for row in found[:limit]]
    return Page(items, _cursor_at(items[-1].conversation) if more else None)


def _cursor_at(row: Conversation) -> str:
    micros = (row.last_at - EPOCH) // timedelta(microseconds=1)
    return base64.urlsafe_b64encode(micros.to_bytes(8, "big", signed=True) + row.id.bytes).decode("ascii")


def _place_of(cursor: str) -> tuple[datetime, UUID]:
    try:
        place = base64.b64decode(cursor, altchars=b"-_", validate=True)
        micros = int.from_bytes(place[:8], "big", signed=True)
        return (EPOCH + timedelta(microseconds=micros)).astimezone(UTC), UUID(bytes=place[8:])
    except (binascii.Error, ValueError, OverflowError):
        raise CursorInvalid from None
