"""A wrong number is put right: asked for, withdrawn, accepted, swapped, refused (spec/events.md, step 10)."""

from datetime import datetime
from uuid import UUID

from tessera.events.actions.renumbering import lock_numbers, tell_corrected
from tessera.events.errors.circle import CircleClosed
from tessera.events.errors.corrections import (
    CorrectionDecided,
    CorrectionOpen,
    NotArrived,
    NumberIsOwn,
    NumberNotGiven,
    NumberOutOfRange,
)
from tessera.events.models import Arrival, CircleClosure, Correction, Event
from tessera.events.rules.corrections import LONGEST_REASON, MOST_NUMBER
from tessera.events.rules.door import event_topic, shown_number
from tessera.kit.actors import Actor
from tessera.kit.errors import NotFound
from tessera.kit.ids import new_id, show_id
from tessera.kit.live import person_topic, tell_live
from tessera.notices.actions.inbox import send_notice

__all__ = [
    "accept_correction",
    "ask_correction",
    "refuse_correction",
    "swap_correction",
    "withdraw_correction",
]


def ask_correction(
    *,
    event_id: UUID,
    registration_id: UUID,
    wanted_number: int | None,
    reason: str,
    now: datetime,
    actor: Actor,
) -> Correction:
    """Note that a guest's number is wrong and which one he asks for (None: any other), for a reviewer to decide.

    Refuses `not_arrived`, `circle_closed`, `number_is_own`, `number_out_of_range` and `correction_open`.
    """
    if CircleClosure.objects.filter(pk=event_id).exists():
        raise CircleClosed
    arrival = Arrival.objects.filter(event_id=event_id, registration_id=registration_id).first()
    if arrival is None:
        raise NotArrived
    if wanted_number == arrival.number:
        raise NumberIsOwn(number=wanted_number)
    if wanted_number is not None and not 0 <= wanted_number <= MOST_NUMBER:
        raise NumberOutOfRange(first=0, last=MOST_NUMBER)
    if Correction.objects.filter(event_id=event_id, registration_id=registration_id, state="open").exists():
        raise CorrectionOpen
    asked = Correction.objects.create(
        event_id=event_id,
        id=new_id(),
        registration_id=registration_id,
        number=arrival.number,
        wanted_number=wanted_number,
        reason=reason.strip()[:LONGEST_REASON],
        asked_at=now,
    )
    _tell(event_id, arrival.person_id)
    return asked


def withdraw_correction(
    *, event_id: UUID, correction_id: UUID, registration_id: UUID, now: datetime, actor: Actor
) -> Correction:
    """Take back what the guest asked for, by himself; refuses `not_found` and `correction_decided`."""
    asked = _open_one(event_id, correction_id)
    if asked.registration_id != registration_id:
        raise NotFound
    _decide(asked, "withdrawn", now=now, actor=actor)
    _tell(event_id, None)
    return asked


def refuse_correction(
    *, event_id: UUID, correction_id: UUID, reason: str, now: datetime, actor: Actor
) -> Correction:
    """Leave the number as it is, with a `reason` that the guest reads; refuses `not_found` and `correction_decided`."""
    asked = _open_one(event_id, correction_id)
    _decide(asked, "refused", reason=reason, now=now, actor=actor)
    arrival = Arrival.objects.filter(event_id=event_id, registration_id=asked.registration_id).first()
    _tell(event_id, arrival.person_id if arrival else None)
    if arrival is not None:
        event = Event.objects.get(pk=event_id)
        send_notice(
            person_id=arrival.person_id,
            kind="events",
            template="number_kept",
            context={
                "title": event.title,
                "event_id": show_id("evt", event_id),
                "number": shown_number(arrival.number, prefix=arrival.prefix, width=event.number_width),
                "reason": asked.decision_reason,
            },
            now=now,
            actor=actor,
        )
    return asked


def accept_correction(
    *,
    event_id: UUID,
    correction_id: UUID,
    number: int | None = None,
    of_run: bool = False,
    reason: str = "",
    now: datetime,
    actor: Actor,
) -> Correction:
    """Give the guest another number: `number` (None: the one asked for) if it is free; his old one is void for ever.

    `of_run`, or where no number was asked for: the next of the run.

    Refuses `not_found`, `correction_decided`, `not_arrived`, `number_is_own`, `number_taken`, `number_void`,
    `number_leased` and `number_out_of_range`. Circle, badge and notice follow.
    """
    numbers = lock_numbers(event_id)
    asked = _open_one(event_id, correction_id)
    arrival = numbers.arrival_of(asked.registration_id)
    wanted = None if of_run else asked.wanted_number if number is None else number
    given = numbers.next_number() if wanted is None else numbers.checked(wanted, own=arrival.number)
    old = arrival.number
    numbers.give(arrival, given, now=now, actor=actor)
    numbers.set_aside(old, "void", arrival.registration_id, now=now, actor=actor)
    _decide(asked, "accepted", reason=reason, new_number=given, now=now, actor=actor)
    tell_corrected(event_id=event_id, registration_ids=[arrival.registration_id], now=now, actor=actor)
    return asked


def swap_correction(
    *,
    event_id: UUID,
    correction_id: UUID,
    number: int | None = None,
    reason: str = "",
    now: datetime,
    actor: Actor,
) -> Correction:
    """Let two guests have each other's number: who asked, and who has `number` (None: the one asked for).

    What the other one has asked for meanwhile is settled with it if that was this very number. Refuses `not_found`,
    `correction_decided`, `not_arrived`, `number_is_own` and `number_not_given`. Circle, badges and notices follow.
    """
    numbers = lock_numbers(event_id)
    asked = _open_one(event_id, correction_id)
    wanted = asked.wanted_number if number is None else number
    mine = numbers.arrival_of(asked.registration_id)
    if wanted is None:
        raise NumberNotGiven(number="—")
    if wanted == mine.number:
        raise NumberIsOwn(number=wanted)
    theirs = numbers.find_holder(wanted)
    if theirs is None:
        raise NumberNotGiven(number=wanted)
    numbers.swap(mine, theirs)
    _settle(asked, mine, theirs, reason=reason, now=now, actor=actor)
    other = (
        Correction.objects.select_for_update()
        .filter(event_id=event_id, registration_id=theirs.registration_id, state="open")
        .first()
    )
    if other is not None and other.wanted_number in (None, mine.number):
        _settle(other, theirs, mine, reason=reason, now=now, actor=actor)
    both = [mine.registration_id, theirs.registration_id]
    tell_corrected(event_id=event_id, registration_ids=both, now=now, actor=actor)
    return asked


def _settle(
    asked: Correction, mine: Arrival, theirs: Arrival, *, reason: str, now: datetime, actor: Actor
) -> None:
    """Note the swap; both arrivals still carry the numbers from before."""
    asked.other_registration_id = theirs.registration_id
    _decide(asked, "swapped", reason=reason, new_number=theirs.number, now=now, actor=actor)


def _open_one(event_id: UUID, correction_id: UUID) -> Correction:
    asked = Correction.objects.select_for_update().filter(event_id=event_id, id=correction_id).first()
    if asked is None:
        raise NotFound
    if asked.state != "open":
        raise CorrectionDecided(state=asked.state)
    return asked


def _decide(
    asked: Correction,
    state: str,
    *,
    now: datetime,
    actor: Actor,
    reason: str = "",
    new_number: int | None = None,
) -> None:
    asked.state, asked.decided_at, asked.decided_by = state, now, actor.name
    asked.decision_reason, asked.new_number = reason.strip()[:LONGEST_REASON], new_number
    Correction.objects.filter(event_id=asked.event_id, id=asked.id).update(
        state=state,
        decided_at=now,
        decided_by=actor.name,
        decision_reason=asked.decision_reason,
        new_number=new_number,
        other_registration_id=asked.other_registration_id,
    )


def _tell(event_id: UUID, person_id: UUID | None) -> None:
    tell_live(event_topic(event_id), "corrections")
    if person_id is not None:
        tell_live(person_topic(person_id), "correction")
