"""News is told: each row once, in a transaction of its own, to the handlers of its topic.

A handler that fails is asked again later; it must bear being asked twice. One piece of news that cannot be told holds
up no other.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from django.db import connection, transaction

from tessera.events.actions.erasing import forget_guest
from tessera.events.actions.picturing import follow_picture
from tessera.kit.actors import SYSTEM
from tessera.kit.models import News
from tessera.kit.refusals import Refusal
from tessera.kit.sql import statement
from tessera.points.actions.claiming import activate_unclaimed
from tessera.site.tidings import (
    forget_erased,
    tell_approved,
    tell_declined,
    tell_event_cancelled,
    tell_event_changed,
    tell_reinstated,
    tell_suspended,
)
from tessera.talk.actions.erasing import erase_person as erase_talks

__all__ = ["HANDLERS", "MOST_ATTEMPTS", "Told", "tell_news"]

MOST_ATTEMPTS = 16
"""After that many failures (the last pause is nine hours) news waits for a person to look at its fault."""

Handler = Callable[[Mapping[str, Any], datetime], object]
"""Takes the news' body and the present moment; runs in the transaction that notes the news as told."""

_log = structlog.get_logger()


def _claim(body: Mapping[str, Any], now: datetime) -> None:
    activate_unclaimed(person_id=UUID(body["person_id"]), now=now, actor=SYSTEM)


def _forget_guest(body: Mapping[str, Any], now: datetime) -> None:
    forget_guest(person_id=UUID(body["person_id"]), now=now, actor=SYSTEM)


def _follow_picture(body: Mapping[str, Any], now: datetime) -> None:
    follow_picture(person_id=UUID(body["person_id"]), now=now, actor=SYSTEM)


def _erase_talks(body: Mapping[str, Any], now: datetime) -> None:
    erase_talks(person_id=UUID(body["person_id"]), now=now, actor=SYSTEM)


HANDLERS: Mapping[str, Sequence[Handler]] = {
    "people.registered": (_claim,),
    "people.pictured": (_follow_picture,),
    "people.erased": (_forget_guest, _erase_talks, forget_erased),
    "merchants.approved": (tell_approved,),
    "merchants.declined": (tell_declined,),
    "merchants.suspended": (tell_suspended,),
    "merchants.reinstated": (tell_reinstated,),
    "events.changed": (tell_event_changed,),
    "events.cancelled": (tell_event_cancelled,),
}
"""Topic -> who hears it; a topic that nobody hears is told to nobody."""


@dataclass(frozen=True, slots=True)
class Told:
    """What one run did."""

    told: int
    failed: int


def tell_news(
    *, handlers: Mapping[str, Sequence[Handler]] = HANDLERS, most: int = 1000, now: datetime
) -> Told:
    """Tell up to `most` pieces of untold news, the oldest first; several tellers at once take different pieces.

    After a failure news waits 1 s, 2 s, 4 s ... from when it happened on, so its order among later news is not kept.
    """
    told = failed = 0
    tried: set[UUID] = set()
    while told + failed < most:
        outcome = _tell_next(handlers, tried, now)
        if outcome is None:
            break
        told, failed = told + outcome, failed + (not outcome)
    return Told(told, failed)


def _tell_next(handlers: Mapping[str, Sequence[Handler]], tried: set[UUID], now: datetime) -> bool | None:
    """Tell the next piece; return whether it worked, None where nothing waits."""
    with transaction.atomic():
        news = _next_news(tried, now)
        if news is None:
            return None
        tried.add(news.id)
        try:
            with transaction.atomic():
                for handler in handlers.get(news.topic, ()):
                    handler(news.body, now)
        except Exception as fault:  # whatever it is, the other news goes on
            if connection.connection is None or connection.connection.closed:
                raise  # not the handler's fault: nothing was noted, and all comes again
            _note_failure(news, fault)
            return False
        news.told_at = now
        news.save(update_fields=["told_at"])
        return True


def _next_news(tried: set[UUID], now: datetime) -> News | None:
    with connection.cursor() as cursor:
        cursor.execute(statement("site", "next_news"), [MOST_ATTEMPTS, list(tried), now])
        row = cursor.fetchone()
    return News.objects.get(pk=row[0]) if row else None


def _note_failure(news: News, fault: Exception) -> None:
    """Keep what kind of fault it was, not its words: they might hold a person's data."""
    news.attempts += 1
    news.fault = (
        f"{type(fault).__name__}: {fault.code}" if isinstance(fault, Refusal) else type(fault).__name__
    )
    news.save(update_fields=["attempts", "fault"])
    _log.warning(
        "news could not be told",
        topic=news.topic,
        news=str(news.id),
        attempts=news.attempts,
        fault=news.fault,
    )
