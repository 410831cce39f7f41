"""`tessera replay rladies DIR`: 5,227 real meet-ups in 29 UTC offsets, with as many guests as came to them."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import NAMESPACE_URL, UUID, uuid5
from zoneinfo import ZoneInfo

from tessera.site.command import say
from tessera.site.meetups import (
    Admission,
    Meetup,
    nearest_zone,
    read_admissions,
    read_meetups,
    read_overlaps,
)
from tessera.site.mendable import Mendable

if TYPE_CHECKING:
    from tessera.kit.actors import Actor

__all__ = ["replay_meetups"]

OWNER = uuid5(NAMESPACE_URL, "urn:tessera:replay:rladies")
"""Under whom the set's ids are remembered, so that each event is brought in once."""

_E7 = 10_000_000
_AT_ONCE = 4
_LONGEST_TITLE = 120
_LONGEST_NAME = 100
_PHONES_FROM = 71_000_000
_AN_HOUR = timedelta(hours=1)


class MeetupError(Mendable):
    """Something about the replay that a person can mend; the text is one sentence for that person."""


def replay_meetups(folder: Path, *, verify: bool, most: int | None = None) -> int:
    """Bring the set (its first `most` events) in and, if asked, compare; return the exit status (1: a difference, named).

    A replay that was killed is simply started again: what is there is not done twice.
    """
    try:
        meetups = read_meetups(folder)[:most]
        expected = read_admissions(folder) if verify else {}
        overlaps = read_overlaps(folder) if verify else set()
    except OSError as error:
        raise MeetupError(f"{error.filename} cannot be read: {error.strerror}.") from error
    except (ValueError, KeyError) as error:
        raise MeetupError(f"The set in {folder} is not as it should be: {error}.") from error
    events = _bring_in(meetups)
    if not verify:
        return 0
    here = {one.id for one in meetups}
    wanted = {pair for pair in overlaps if here.issuperset(pair)}
    return _verified(meetups, events, expected, wanted)


# --- Bringing in ----------------------------------------------------------------------------------------------------


def _bring_in(meetups: Sequence[Meetup]) -> dict[str, UUID]:
    """Draft, publish and fill every event; return the set's id -> the event."""
    from tessera.kit.actors import Actor
    from tessera.site.progress import progress_bar

    actor = Actor(kind="operator")
    known = _known()
    zones = _zones(meetups)
    groups = _groups(meetups, zones, known, actor)
    with progress_bar("People", total=max((one.guests for one in meetups), default=0)) as advance:
        people = []
        for place in range(max((one.guests for one in meetups), default=0)):
            people.append(_person(place, actor))
            advance(1)
    # everybody comes to many events, and not always the same people to the same ones
    turns = [place % max(len(people), 1) for place in range(len(meetups))]
    made = {one.id: known.get(f"event:{one.id}") for one in meetups}

    def bring(one: Meetup, guests: Sequence[UUID]) -> tuple[str, UUID]:
        event_id = made[one.id] or _event(one, groups[one.group], zones[one.id], guests, actor)
        return one.id, event_id

    events = {}
    with (
        progress_bar("Events", total=len(meetups)) as advance,
        ThreadPoolExecutor(_AT_ONCE) as pool,
    ):
        asked = [
            pool.submit(_alone, bring, one, (people[turn:] + people[:turn])[: one.guests])
            for one, turn in zip(meetups, turns, strict=True)
        ]
        for done in asked:
            name, event_id = done.result()
            events[name] = event_id
            advance(1)
    return events


def _alone(
    work: Callable[[Meetup, Sequence[UUID]], tuple[str, UUID]], one: Meetup, guests: Sequence[UUID]
) -> Any:
    """Do the work in a thread of the pool and give its connection back."""
    from django.db import connection

    try:
        return work(one, guests)
    finally:
        connection.close()


def _known() -> dict[str, UUID]:
    from tessera.kit.models import Request

    rows = Request.objects.filter(owner_id=OWNER).values_list("request_id", "answer")
    return {name: UUID(bytes=bytes(answer)) for name, answer in rows}


def _keep(name: str, made: UUID, now: datetime) -> None:
    from tessera.kit.requests import digest_of, keep_answer

    keep_answer(OWNER, name, digest_of(name.encode()), status=201, answer=made.bytes, now=now)


def _zones(meetups: Sequence[Meetup]) -> dict[str, str]:
    """Return the time zone of each event: nearest to its place, or to where its group meets otherwise."""
    where: dict[str, list[tuple[Decimal, Decimal]]] = defaultdict(list)
    for one in meetups:
        if one.latitude is not None and one.longitude is not None:
            where[one.group].append((one.latitude, one.longitude))
    zones = {}
    for one in meetups:
        here = (
            [(one.latitude, one.longitude)]
            if one.latitude is not None and one.longitude is not None
            else where[one.group][:1]
        )
        zones[one.id] = nearest_zone(one.starts, here)
    return zones


def _groups(
    meetups: Sequence[Meetup], zones: Mapping[str, str], known: Mapping[str, UUID], actor: "Actor"
) -> dict[str, UUID]:
    """Open a merchant for each group; return group -> merchant."""
    from django.db import transaction

    from tessera.merchants.actions.merchants import approve_merchant, open_merchant

    merchants = {}
    for one in meetups:
        if one.group in merchants:
            continue
        kept = known.get(f"group:{one.group}")
        if kept is None:
            with transaction.atomic():
                merchant = open_merchant(
                    name=one.group_name[:_LONGEST_NAME],
                    time_zone=zones[one.id],
                    now=one.created,
                    actor=actor,
                )
                approve_merchant(merchant_id=merchant.id, now=one.created, actor=actor)
                _keep(f"group:{one.group}", merchant.id, one.created)
            kept = merchant.id
        merchants[one.group] = kept
    return merchants


def _person(place: int, actor: "Actor") -> UUID:
    """Return the made-up person with this number; opened on first use."""
    from django.db import transaction

    from tessera.kit import clock
    from tessera.people.actions.persons import open_person
    from tessera.people.queries import find_by_phone

    phone = f"+86100{_PHONES_FROM + place:08d}"
    found = find_by_phone(phone)
    if found is not None:
        return found.id
    with transaction.atomic():
        return open_person(
            phone=phone, nickname=f"Guest {place + 1}", language="en", now=clock.EPOCH, actor=actor
        ).id


def _event(one: Meetup, merchant_id: UUID, zone: str, people: Sequence[UUID], actor: "Actor") -> UUID:
    """Draft and publish one event on the day it was announced, and let its people register then."""
    from django.db import transaction

    from tessera.events.actions.publishing import cancel_event, draft_event, publish_event
    from tessera.events.actions.registering import Newcomer, register_guests
    from tessera.kit.refusals import Refusal

    now = min(one.created, one.starts - _AN_HOUR)
    with transaction.atomic():
        event = draft_event(
            merchant_id=merchant_id,
            title=one.title.strip()[:_LONGEST_TITLE],
            text=one.group_name,
            place=(one.venue or one.city or "Online")[:_LONGEST_NAME],
            address=one.address,
            district=one.city,
            latitude_e7=None if one.latitude is None else int(one.latitude * _E7),
            longitude_e7=None if one.longitude is None else int(one.longitude * _E7),
            time_zone=zone,
            starts_at=one.starts.astimezone(UTC),
            ends_at=one.starts.astimezone(UTC) + one.duration,
            doors_at=one.starts.astimezone(UTC) - _AN_HOUR,
            open_end=True,
            capacity=one.accepted or None,
            now=now,
            actor=actor,
        )
        publish_event(event_id=event.id, now=now, actor=actor)
        outcomes = register_guests(
            event_id=event.id,
            newcomers=[Newcomer(person) for person in people],
            text_version="1",
            source="import",
            tell=False,
            now=now,
            actor=actor,
        )
        for outcome in outcomes:
            if isinstance(outcome, Refusal):
                raise MeetupError(f"A guest of event {one.id} was refused: {outcome}")
        if one.cancelled:
            cancel_event(event_id=event.id, reason="", now=now, actor=actor)
        _keep(f"event:{one.id}", event.id, now)
    return event.id


# --- Comparing ------------------------------------------------------------------------------------------------------


def _verified(
    meetups: Sequence[Meetup],
    events: Mapping[str, UUID],
    expected: Mapping[str, Admission],
    overlaps: set[tuple[str, str]],
) -> int:
    from tessera.site.progress import progress_bar

    with progress_bar("Comparing", total=len(meetups)) as advance:
        for one in meetups:
            found = _found(events[one.id])
            if found != expected.get(one.id):
                say(f"Differs at event {one.id}: expected {expected.get(one.id)}, found {found}.")
                return 1
            advance(1)
    clashes = _clashes(events)
    if clashes != overlaps:
        wrong = min(clashes ^ overlaps)
        say(f"Differs at the clash of {wrong[0]} and {wrong[1]}: {'not ' * (wrong in overlaps)}found here.")
        return 1
    offsets = {one.starts.utcoffset() for one in meetups}
    accepted, waiting = sum(one.accepted for one in meetups), sum(one.waitlisted for one in meetups)
    say(
        f"Verified: {len(meetups):,} events in {len(offsets)} UTC offsets, {accepted:,} accepted and {waiting:,} waitlisted"
        f" guests, {len(clashes)} clashes, all as expected."
    )
    return 0


def _found(event_id: UUID) -> Admission:
    """Return what there is of one event, as the set writes it."""
    from tessera.events.queries.events import get_event
    from tessera.events.queries.reviewing import count_states
    from tessera.kit import clock

    row = get_event(event_id, now=clock.now())
    counts = count_states(event_id)
    starts, ends = row.event.starts_at, row.event.ends_at
    accepted = counts.get("accepted", 0)
    assert accepted == row.taken, "a seat for each accepted guest"
    return Admission(
        f"{starts.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        f"{ends.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        starts.astimezone(ZoneInfo(row.event.time_zone)).date().isoformat(),
        accepted,
        counts.get("waitlisted", 0),
    )


def _clashes(events: Mapping[str, UUID]) -> set[tuple[str, str]]:
    """Return the clashes of every organiser as the query finds them, by the set's ids."""
    from tessera.events.queries.clashes import list_clashing_pairs
    from tessera.events.queries.events import events_by_id
    from tessera.kit import clock

    names = {event_id: name for name, event_id in events.items()}
    rows = events_by_id(list(names), now=clock.now())
    organisers = {row.event.merchant_id for row in rows.values()}
    pairs = (pair for one in organisers for pair in list_clashing_pairs(one, cancelled_too=True))
    return {(min(names[a], names[b]), max(names[a], names[b])) for a, b in pairs if a in names and b in names}
