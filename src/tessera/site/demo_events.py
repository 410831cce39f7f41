"""Loads the demo's events: one under way, some to come, a draft, one over; guests arrive through the door's own handler.

Like the rest of the demo it can be started again at any time: an event that is there is left as it is, a guest who has arrived
is told his number again.
"""

import random
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import psycopg
from django.db import transaction
from django.db.models import Q

from tessera.events.actions.check_in import check_in_guests
from tessera.events.actions.circle import describe_guest
from tessera.events.actions.crew import add_crew
from tessera.events.actions.publishing import describe_event, draft_event, publish_event
from tessera.events.actions.questions import add_question
from tessera.events.actions.registering import Newcomer, register_guests
from tessera.events.models import Arrival, CircleProfile, Event, Registration
from tessera.events.rules.door import CheckIn
from tessera.kit.actors import Actor
from tessera.kit.media import keep_picture
from tessera.kit.refusals import Refusal
from tessera.kit.retry import retried
from tessera.people.actions.persons import open_person, register_person
from tessera.people.queries import find_by_phone
from tessera.site.demo_event_script import (
    CROWD,
    EVENTS,
    LOOKS,
    NICKNAMES,
    DemoEvent,
    draw_picture,
)
from tessera.site.demo_script import phone_of

__all__ = ["CREW", "count_events", "find_running", "load_events"]

CREW = 960
"""Number of the demo's person who works at the door."""

_FIRST_OF_CROWD = 2001
_OPERATOR = Actor(kind="operator")
_ZONE = ZoneInfo("Asia/Shanghai")
_SEED = 20260601
_TOGETHER = 8
"""Guests who register, or arrive, at the same moment: the demo is to be there in seconds."""


def find_running(merchant_ids: Sequence[UUID]) -> UUID | None:
    """Return the demo's event that is under way (or was, if the demo was loaded long ago), or None."""
    rows = Event.objects.filter(title=EVENTS[0].title, merchant_id__in=merchant_ids)
    return rows.order_by("-starts_at").values_list("id", flat=True).first()


def load_events(
    connection: psycopg.Connection[Any],
    merchant_ids: Sequence[UUID],
    *,
    advance: Callable[[int], None],
    now: datetime,
) -> tuple[int, int]:
    """Load those of the events that are not there; return how many events there are, and how many guests have arrived.

    Raises the refusal, should there be one: the script then contradicts the rules.
    """
    crowd = _open_crowd(now=now)
    for script in EVENTS:
        merchant_id = None if script.merchant is None else merchant_ids[script.merchant]
        named = Event.objects.filter(title=script.title)
        own = Q(merchant__isnull=True) if merchant_id is None else Q(merchant_id=merchant_id)
        known = named.filter(own).first()
        event = known or _open_event(script, merchant_id, crowd, now=now)
        here = Arrival.objects.filter(event_id=event.pk).count()
        if here < script.arrive:
            _let_arrive(connection, script, event)
        if script.arrive and not CircleProfile.objects.filter(event_id=event.pk).exists():
            _describe_guests(event, now=now)
        advance(1)
    return len(EVENTS), Arrival.objects.count()


def count_events() -> int:
    """Return how many events `load_events` loads."""
    return len(EVENTS)


def _open_crowd(*, now: datetime) -> list[UUID]:
    """Return the demo's guests: its members, then people who come to events only; the crew is opened too."""
    with transaction.atomic():
        if find_by_phone(phone_of(CREW)) is None:
            crew = open_person(phone=phone_of(CREW), nickname="小岗", now=now, actor=_OPERATOR)
            register_person(person_id=crew.id, now=now, actor=_OPERATOR)
        crowd = []
        for offset in range(CROWD):
            phone = phone_of(_FIRST_OF_CROWD + offset)
            person = find_by_phone(phone)
            if person is None:
                opened = open_person(phone=phone, nickname=NICKNAMES[offset], now=now, actor=_OPERATOR)
                register_person(person_id=opened.id, now=now, actor=_OPERATOR)
                person = find_by_phone(phone)
            assert person is not None
            crowd.append(person.id)
    members = [find_by_phone(phone_of(number)) for number in range(1, 21)]
    return [one.id for one in members if one is not None] + crowd


def _times(script: DemoEvent, now: datetime) -> dict[str, Any]:
    if script.hours_ago is not None:
        starts_at = (now - timedelta(hours=script.hours_ago)).replace(second=0, microsecond=0)
        starts_at -= timedelta(minutes=starts_at.minute % 10)
    else:
        there = (now + timedelta(days=script.days)).astimezone(_ZONE)
        starts_at = there.replace(hour=script.hour, minute=script.minute, second=0, microsecond=0)
    ends_at = starts_at + timedelta(minutes=script.lasts_minutes)
    return {
        "starts_at": starts_at,
        "ends_at": ends_at,
        "doors_at": starts_at - timedelta(minutes=30),
        "registration_from": now - timedelta(days=21 - min(script.days, 0)),
        "registration_until": ends_at if script.hours_ago is not None else starts_at,
    }


def _open_event(
    script: DemoEvent, merchant_id: UUID | None, crowd: Sequence[UUID], *, now: datetime
) -> Event:
    """Draft, ask, publish and fill the event, all of it or nothing; what is over happened when it was to come."""
    times = _times(script, now)
    then = min(now, times["starts_at"]) - timedelta(days=7)
    with transaction.atomic():
        event = draft_event(
            merchant_id=merchant_id,
            title=script.title,
            text=script.text,
            picture=keep_picture(BytesIO(draw_picture(script))),
            capacity=script.capacity,
            now=then,
            actor=_OPERATOR,
            **script.place,
            **script.terms,
            **times,
        )
        asked = [
            add_question(event_id=event.pk, **question, now=then, actor=_OPERATOR)
            for question in script.questions
        ]
        if script.prefixes:
            describe_event(
                event_id=event.pk,
                changes={"group_question": asked[0].pk, "prefixes": script.prefixes},
                now=then,
                actor=_OPERATOR,
            )
        if not script.published:
            return event
        publish_event(event_id=event.pk, now=then, actor=_OPERATOR)
        crew = find_by_phone(phone_of(CREW))
        if crew is not None and merchant_id is not None:
            add_crew(event_id=event.pk, person_id=crew.id, role="supervisor", now=then, actor=_OPERATOR)
        _register(script, event, asked, crowd, now=then)
    return event


def _register(
    script: DemoEvent, event: Event, asked: Sequence[Any], crowd: Sequence[UUID], *, now: datetime
) -> None:
    lots = random.Random(f"{_SEED}{script.title}")  # noqa: S311 - a script, not a secret
    guests = [crowd[0], *lots.sample(list(crowd[1:]), k=max(0, script.guests - 1))] if script.guests else []
    newcomers = [
        Newcomer(
            person_id,
            {
                str(question.pk): answer
                for question, answers in zip(asked, script.answers, strict=True)
                if (answer := lots.choice(answers))
            },
        )
        for person_id in guests
    ]
    step = timedelta(days=5) / max(1, len(newcomers))
    for place in range(0, len(newcomers), _TOGETHER):
        outcomes = register_guests(
            event_id=event.pk,
            newcomers=newcomers[place : place + _TOGETHER],
            text_version="demo",
            source="web",
            tell=place == 0,
            now=now + place * step,
            actor=_OPERATOR,
        )
        for outcome in outcomes:
            if isinstance(outcome, Refusal):
                raise outcome


def _let_arrive(connection: psycopg.Connection[Any], script: DemoEvent, event: Event) -> None:
    """Let the guests come through the doors one after another, over the time from the doors' opening on."""
    rows = Registration.objects.filter(event_id=event.pk, state="accepted").order_by("registered_at", "id")
    guests = list(rows.values_list("id", flat=True)[: script.arrive])
    lots = random.Random(f"{_SEED}{script.title}door")  # noqa: S311 - a script, not a secret
    moments = sorted(event.doors_at + timedelta(seconds=lots.triangular(60, 4_200, 1_800)) for _ in guests)
    for place in range(0, len(guests), _TOGETHER):
        some = list(zip(guests[place : place + _TOGETHER], moments[place : place + _TOGETHER], strict=True))
        commands = [
            CheckIn(
                event_id=event.pk,
                by="guest",
                given="",
                registration_id=guest,
                actor="operator",
                owner_id=event.pk,
                door=lots.choice(script.doors),
                request_id=f"demo-{guest}",
            )
            for guest, _ in some
        ]
        at = some[-1][1]

        def check_in(
            working: psycopg.Connection[Any], commands: Sequence[CheckIn] = commands, at: datetime = at
        ) -> Sequence[Any]:
            return check_in_guests(working, commands, now=at)

        retried(connection, check_in)


def _describe_guests(event: Event, *, now: datetime) -> None:
    """Let the guests who are here say how they look, as most do."""
    here = Arrival.objects.filter(event_id=event.pk).order_by("number").values_list("person_id", flat=True)
    with transaction.atomic():
        for person_id, look in zip(here, LOOKS, strict=False):
            if look is None:
                continue
            appearance, introduction, interests = look
            described: dict[str, Any] = {
                "appearance": appearance,
                "introduction": introduction,
                "interests": interests,
                "seen_by": {"name": "circle"} if introduction else {},
            }
            describe_guest(
                event_id=event.pk, person_id=person_id, described=described, now=now, actor=_OPERATOR
            )
