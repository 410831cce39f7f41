"""The picture by which the door knows a guest follows the one of his account."""

from datetime import datetime
from uuid import UUID

from tessera.events.models import Event, Registration
from tessera.events.rules.door import GRACE
from tessera.kit.actors import Actor
from tessera.people.queries import get_person

__all__ = ["follow_picture"]


def follow_picture(*, person_id: UUID, now: datetime, actor: Actor) -> int:
    """Let the person's registrations for events that are not over name his present picture; return how many did not.

    The files of the one before are gone. Bears being done twice.
    """
    picture = get_person(person_id).picture
    to_come = Event.objects.filter(ends_at__gt=now - GRACE).values("id")
    rows = Registration.objects.filter(person_id=person_id, event_id__in=to_come)
    return rows.exclude(picture=picture).update(picture=picture)
