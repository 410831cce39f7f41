"""The jotter: numbers noted on the spot, and the moment when two have noted each other (spec/events.md, steps 8 and 9).

Whoever notes a number or changes whose number it is holds the circle's lock until commit, so that of two guests who note
each other at the same moment the second one sees the first.
"""

import unicodedata
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import connection

from tessera.events.errors.circle import CircleClosed, JotterFull, OwnNumber, ProfileTextUnusable
from tessera.events.models import Arrival, CircleClosure, Event, Jotting, MutualInterest
from tessera.events.rules.circle import HIGHEST_NUMBER, LONGEST_REMARK, MOST_JOTTINGS
from tessera.events.rules.door import shown_number
from tessera.kit.actors import Actor
from tessera.kit.errors import AmountInvalid, NotFound
from tessera.kit.ids import show_id
from tessera.kit.live import person_topic, tell_live
from tessera.kit.sql import statement
from tessera.notices.actions.inbox import send_notice
from tessera.talk.queries import blocked_ids

__all__ = ["jot_number", "settle_all_mutual", "settle_mutual", "unjot"]

_INVISIBLE = {"Cc", "Cs", "Co", "Zl", "Zp"}


def jot_number(
    *, event_id: UUID, person_id: UUID, number: int, remark: str, now: datetime, actor: Actor
) -> Jotting:
    """Note a number for a guest, with a remark for himself alone; noted before: the remark becomes this one.

    Nobody needs to have the number yet. Where its guest has noted this guest's number, both are told, once. Refuses
    `own_number`, `jotter_full`, `profile_text_unusable`, `amount_invalid` and `circle_closed`.
    """
    if not 0 <= number <= HIGHEST_NUMBER:
        raise AmountInvalid(field="number", least=0, most=HIGHEST_NUMBER)
    clean = _remark(remark)
    _hold(event_id)
    if CircleClosure.objects.filter(pk=event_id).exists():
        raise CircleClosed
    if Arrival.objects.filter(event_id=event_id, person_id=person_id, number=number).exists():
        raise OwnNumber(number=number)
    own = Jotting.objects.filter(event_id=event_id, person_id=person_id)
    if own.filter(number=number).update(remark=clean) == 0:
        if own.count() >= MOST_JOTTINGS:
            raise JotterFull(most=MOST_JOTTINGS)
        Jotting.objects.create(event_id=event_id, person_id=person_id, number=number, remark=clean, at=now)
    _settle(event_id, person_id, now=now, actor=actor)
    tell_live(person_topic(person_id), "circle")
    return own.get(number=number)


def unjot(*, event_id: UUID, person_id: UUID, number: int, now: datetime, actor: Actor) -> None:
    """Take a number out of the guest's jotter; one that is not there is no fault. Who was told of each other stays told."""
    _hold(event_id)
    Jotting.objects.filter(event_id=event_id, person_id=person_id, number=number).delete()
    tell_live(person_topic(person_id), "circle")


def settle_mutual(*, event_id: UUID, person_id: UUID, now: datetime, actor: Actor) -> int:
    """Tell the guest and those with whom he has noted each other's number as numbers are now; return how many are new.

    For whoever has just given him another number (corrections), in the same transaction.
    """
    _hold(event_id)
    return _settle(event_id, person_id, now=now, actor=actor)


def settle_all_mutual(*, event_id: UUID, now: datetime, actor: Actor) -> int:
    """Tell all guests of an event who have noted each other's number and do not know yet; return how many pairs."""
    _hold(event_id)
    return _told(event_id, _pairs(event_id, None), now, actor)


def _remark(text: str) -> str:
    clean = unicodedata.normalize("NFC", text).strip()
    if len(clean) > LONGEST_REMARK or any(unicodedata.category(one) in _INVISIBLE for one in clean):
        raise ProfileTextUnusable(field="remark", most=LONGEST_REMARK)
    return clean


def _hold(event_id: UUID) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement("events", "hold_circle"), {"event": event_id})


def _settle(event_id: UUID, person_id: UUID, *, now: datetime, actor: Actor) -> int:
    return _told(event_id, _pairs(event_id, person_id), now, actor)


def _pairs(event_id: UUID, person_id: UUID | None) -> list[tuple[UUID, UUID]]:
    """Return pairs, the lesser id first, who have noted each other's number and have not been told."""
    with connection.cursor() as cursor:
        cursor.execute(statement("events", "circle_pairs"), {"event": event_id, "person": person_id})
        return list(cursor.fetchall())


def _told(event_id: UUID, pairs: Iterable[tuple[UUID, UUID]], now: datetime, actor: Actor) -> int:
    told = 0
    for low, high in pairs:
        if high in blocked_ids(low):
            continue
        _, new = MutualInterest.objects.get_or_create(
            event_id=event_id, low_id=low, high_id=high, defaults={"at": now}
        )
        if not new:
            continue
        told += 1
        _tell(event_id, low, high, now, actor)
        _tell(event_id, high, low, now, actor)
    return told


def _tell(event_id: UUID, person_id: UUID, other_id: UUID, now: datetime, actor: Actor) -> None:
    event = Event.objects.filter(pk=event_id).first()
    other = Arrival.objects.filter(event_id=event_id, person_id=other_id).first()
    if event is None or other is None:
        raise NotFound
    context = {
        "title": event.title,
        "number": shown_number(other.number, prefix=other.prefix, width=event.number_width),
        "number_plain": other.number,
        "event_id": show_id("evt", event_id),
    }
    send_notice(
        person_id=person_id, kind="events", template="event_mutual", context=context, now=now, actor=actor
    )
    tell_live(person_topic(person_id), "circle")
