"""A circle closes: what guests showed of themselves is erased, counts stay (spec/events.md, step 11)."""

from collections.abc import Collection, Iterable
from datetime import datetime
from functools import partial
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from tessera.events.models import (
    Arrival,
    CircleClosure,
    CircleProfile,
    Guess,
    Jotting,
    MutualInterest,
    Registration,
)
from tessera.events.queries.circle import count_circle
from tessera.kit.actors import Actor
from tessera.kit.live import person_topic, tell_live
from tessera.kit.media import remove_picture
from tessera.talk.actions.erasing import erase_circle

__all__ = ["close_circle", "erase_circle_person"]


def close_circle(*, event_id: UUID, now: datetime, actor: Actor) -> CircleClosure:
    """Close the circle of an event for good: profiles, pictures, jottings, conversations and door codes are erased.

    Counts stay for the organiser. A circle that is closed already is only swept again, of what was under way.
    """
    counts = count_circle(event_id)
    closure, _ = CircleClosure.objects.get_or_create(
        pk=event_id,
        defaults={
            "at": now,
            "erased": counts.profiles,
            "counts": {"pictures": counts.pictures, "jottings": counts.jottings, "mutual": counts.mutual},
        },
    )
    profiles = CircleProfile.objects.filter(event_id=event_id)
    registrations = Registration.objects.filter(event_id=event_id)
    pictures = list(profiles.exclude(picture="").values_list("picture", flat=True))
    profiles.delete()
    registrations.exclude(picture="", code="").update(
        picture="", code=""
    )  # the picture is the account's: it stays
    Jotting.objects.filter(event_id=event_id).delete()
    MutualInterest.objects.filter(event_id=event_id).delete()
    Guess.objects.filter(event_id=event_id).delete()
    erase_circle(circle_id=event_id, now=now, actor=actor)
    _remove_on_commit(pictures)
    return closure


def erase_circle_person(*, person_id: UUID, now: datetime, actor: Actor) -> None:
    """Erase what a person showed and noted in all circles; source: spec/README.md, rule 7 (erase works)."""
    events = set(Registration.objects.filter(person_id=person_id).values_list("event_id", flat=True))
    events |= set(Arrival.objects.filter(person_id=person_id).values_list("event_id", flat=True))
    own = {"event_id__in": events, "person_id": person_id}
    profiles = CircleProfile.objects.filter(**own)
    _remove_on_commit(profiles.exclude(picture="").values_list("picture", flat=True))
    profiles.delete()
    Jotting.objects.filter(**own).delete()
    pairs = MutualInterest.objects.filter(Q(low_id=person_id) | Q(high_id=person_id), event_id__in=events)
    for low, high in pairs.values_list("low_id", "high_id"):
        tell_live(person_topic(high if low == person_id else low), "circle")
    pairs.delete()


def _remove_on_commit(pictures: Iterable[str]) -> None:
    names = list(pictures)

    def remove(names: Collection[str]) -> None:
        for name in names:
            remove_picture(name)

    if names:
        transaction.on_commit(partial(remove, names))
