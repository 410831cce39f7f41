"""Events are drafted, described, published and cancelled (spec/events.md, step 1)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F, Q

from tessera.events.actions.numbering import keep_numbering, open_numbering
from tessera.events.actions.seats import fill_from_waitlist
from tessera.events.errors.door import EventCancelled, EventOver
from tessera.events.errors.publishing import (
    CapacityBelowTaken,
    EventAlreadyPublished,
    EventIncomplete,
    EventTermsInvalid,
    EventTimesInvalid,
)
from tessera.events.models import Cancellation, Event, Publication, Question, Seats
from tessera.events.queries.events import get_event
from tessera.events.queries.publishing import list_to_do
from tessera.events.rules.door import default_offline_start, event_topic
from tessera.events.rules.publishing import (
    DOORS_BEFORE,
    LONGEST_TITLE,
    TOLD_TO_GUESTS,
    TermsFault,
    capacity_fits,
    checked_circle,
    checked_prefixes,
    numbers_fit,
    times_fault,
)
from tessera.kit.actors import Actor
from tessera.kit.errors import NotFound
from tessera.kit.live import tell_live
from tessera.kit.outbox import tell
from tessera.merchants.errors import PlaceInvalid, TimeZoneUnknown
from tessera.merchants.queries import get_merchant
from tessera.merchants.rules import is_time_zone

__all__ = [
    "DESCRIBED",
    "cancel_event",
    "change_capacity",
    "describe_event",
    "draft_event",
    "lock_event",
    "publish_event",
    "set_picture",
]

DESCRIBED = (
    "title", "text", "place", "address", "district", "latitude_e7", "longitude_e7", "time_zone", "starts_at", "ends_at",
    "doors_at", "registration_from", "registration_until", "review", "group_question", "prefixes", "number_start",
    "number_width", "circle", "walk_ins",
)  # fmt: skip
"""What `draft_event` and `describe_event` take beside capacity and picture."""

_TIMES = ("starts_at", "ends_at", "doors_at", "registration_from", "registration_until")
_NUMBERS = ("number_start", "number_width")
_AFTERWARDS = {"circle", "text"}
"""What may be changed when the event is over."""


def draft_event(
    *,
    merchant_id: UUID | None,
    title: str,
    starts_at: datetime,
    ends_at: datetime,
    capacity: int | None = None,
    picture: str = "",
    open_end: bool = False,
    now: datetime,
    actor: Actor,
    **described: Any,
) -> Event:
    """Draft an event of the merchant (None: of the platform); nobody but the organiser sees it yet.

    `capacity` None: any number of guests. `described`: any of DESCRIBED; doors open half an hour before the beginning and
    registration goes from now until the beginning unless it is said otherwise. `open_end`: one that was brought in from
    elsewhere and does not say how long it takes may end when it starts. Refuses `not_found` (merchant),
    `event_times_invalid`, `event_terms_invalid`, `time_zone_unknown`, `place_invalid`. Source: spec/events.md, step 1.
    """
    if merchant_id is not None:
        zone = get_merchant(merchant_id).merchant.time_zone
        described.setdefault("time_zone", zone)
    event = Event(
        merchant_id=merchant_id,
        title=title,
        picture=picture,
        created_at=now,
        changed_at=now,
        **{
            "starts_at": starts_at,
            "ends_at": ends_at,
            "doors_at": starts_at - DOORS_BEFORE,
            "registration_from": min(now, starts_at),
            "registration_until": starts_at,
            **described,
        },
    )
    if not capacity_fits(capacity):
        raise EventTermsInvalid(why="capacity")
    _check(event, open_end=open_end)
    event.offline_start = default_offline_start(start=event.number_start, capacity=capacity)
    event.save(force_insert=True)
    Seats.objects.create(event=event, capacity=capacity)
    open_numbering(event=event, now=now, actor=actor)
    return event


def describe_event(
    *, event_id: UUID, changes: Mapping[str, Any], now: datetime, actor: Actor
) -> frozenset[str]:
    """Change any of DESCRIBED; return the names of what is different now.

    When the time or the place of a published event changes, accepted and waitlisted guests are told. Where numbers start and
    how they are written stays once one was given out or promised to a terminal. Refuses `not_found`, `event_cancelled`,
    `event_over`, `event_times_invalid`, `event_terms_invalid`, `time_zone_unknown`, `place_invalid`, `numbers_in_use`.
    """
    event = lock_event(event_id)
    changed = {name for name in DESCRIBED if name in changes and changes[name] != getattr(event, name)}
    if not changed:
        return frozenset()
    row = get_event(event_id, now=now)
    if row.status == "cancelled":
        raise EventCancelled
    if row.status == "over" and changed - _AFTERWARDS:
        raise EventOver
    for name in changed:
        setattr(event, name, changes[name])
    _check(event)
    published = row.status in {"published", "running"}
    if published and event.ends_at <= now:
        raise EventTimesInvalid(why="past")
    if changed & set(_NUMBERS):
        event.offline_start = default_offline_start(start=event.number_start, capacity=row.capacity)
        keep_numbering(event=event, strict=True, now=now, actor=actor)
    event.changed_at = now
    event.save(update_fields=[*changed, "offline_start", "changed_at"])
    if published and changed & TOLD_TO_GUESTS:
        tell(
            "events.changed",
            {"event_id": str(event_id), "changed": sorted(changed & TOLD_TO_GUESTS)},
            now=now,
        )
    tell_live(event_topic(event_id), "registrations")
    return frozenset(changed)


def change_capacity(*, event_id: UUID, capacity: int | None, now: datetime, actor: Actor) -> int:
    """Give the event that many places (None: any number); return how many guests moved up from the waitlist.

    Refuses `not_found`, `event_terms_invalid`, `event_cancelled`, `event_over` and `capacity_below_taken`, which holds
    however many are accepted at the same moment.
    """
    if not capacity_fits(capacity):
        raise EventTermsInvalid(why="capacity")
    event = lock_event(event_id)
    row = get_event(event_id, now=now)
    if row.capacity == capacity:
        return 0
    if row.status == "cancelled":
        raise EventCancelled
    if row.status == "over":
        raise EventOver
    fits = Q() if capacity is None else Q(taken__lte=capacity + F("over_capacity"))
    if not Seats.objects.filter(fits, pk=event_id).update(capacity=capacity):
        raise CapacityBelowTaken(taken=Seats.objects.values_list("taken", flat=True).get(pk=event_id))
    event.offline_start = default_offline_start(start=event.number_start, capacity=capacity)
    if keep_numbering(event=event, strict=False, now=now, actor=actor):
        event.save(update_fields=["offline_start"])
    return fill_from_waitlist(event_id=event_id, now=now, actor=actor)


def publish_event(*, event_id: UUID, now: datetime, actor: Actor) -> Publication:
    """Let guests see the event and register for it.

    Refuses `not_found`, `event_cancelled`, `event_already_published`, and `event_incomplete` with what is `missing`: a title,
    a text, a place, times to come, a registration that is still open, a merchant who is approved and not suspended.
    """
    event = lock_event(event_id)
    if Cancellation.objects.filter(pk=event_id).exists():
        raise EventCancelled
    if Publication.objects.filter(pk=event_id).exists():
        raise EventAlreadyPublished
    missing = [one.key for one in list_to_do(event, now=now) if not one.done]
    if missing:
        raise EventIncomplete(missing=missing)
    return Publication.objects.create(event=event, at=now, actor=actor.name)


def cancel_event(*, event_id: UUID, reason: str, now: datetime, actor: Actor) -> Cancellation:
    """Call the event off for good, with a reason that all who registered are told.

    Refuses `not_found`, `event_cancelled` and `event_over`.
    """
    event = lock_event(event_id)
    status = get_event(event_id, now=now).status
    if status == "cancelled":
        raise EventCancelled
    if status == "over":
        raise EventOver
    done = Cancellation.objects.create(event=event, at=now, actor=actor.name, reason=reason)
    if status != "draft":
        tell("events.cancelled", {"event_id": str(event_id)}, now=now)
    tell_live(event_topic(event_id), "registrations")
    return done


def set_picture(*, event_id: UUID, picture: str, now: datetime, actor: Actor) -> str:
    """Show that picture (kit.media; "" for none); return the one that no event shows any more, or "".

    Refuses `not_found`.
    """
    event = lock_event(event_id)
    before, event.picture, event.changed_at = event.picture, picture, now
    event.save(update_fields=["picture", "changed_at"])
    unused = before and before != picture and not Event.objects.filter(picture=before).exists()
    return before if unused else ""


def lock_event(event_id: UUID) -> Event:
    """Return the event, which nobody else describes, publishes or cancels until the transaction ends; refuses `not_found`."""
    event = Event.objects.select_for_update(no_key=True).filter(pk=event_id).first()
    if event is None:
        raise NotFound
    return event


def _check(event: Event, *, open_end: bool = False) -> None:
    if not is_time_zone(event.time_zone):
        raise TimeZoneUnknown(given=event.time_zone)
    if (event.latitude_e7 is None) != (event.longitude_e7 is None):
        raise PlaceInvalid
    why = times_fault(**{name: getattr(event, name) for name in _TIMES}, open_end=open_end)
    if why:
        raise EventTimesInvalid(why=why)
    if not event.title.strip() or len(event.title) > LONGEST_TITLE:
        raise EventTermsInvalid(why="title")
    if event.review not in {"automatic", "rules", "hand"}:
        raise EventTermsInvalid(why="review")
    if not numbers_fit(start=event.number_start, width=event.number_width):
        raise EventTermsInvalid(why="numbers")
    groups = _groups(event)
    try:
        event.prefixes = checked_prefixes(event.prefixes, groups)
        event.circle = checked_circle(event.circle)
    except TermsFault as fault:
        raise EventTermsInvalid(why=str(fault)) from None


def _groups(event: Event) -> list[str] | None:
    """Return the groups that guests can be in; None: prefixes stay as they are."""
    if event.group_question is None:
        return None
    asked = Question.objects.filter(pk=event.group_question, event_id=event.pk, kind="choice").first()
    if asked is None:
        raise EventTermsInvalid(why="group_question")
    return list(asked.terms.get("choices", ()))
