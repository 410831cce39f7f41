"""A person was erased: his registrations keep their place in the history and lose what names him (spec/README.md, rule 7)."""

from datetime import datetime
from uuid import UUID

from tessera.events.actions.answers import drop_answer_files
from tessera.events.actions.changing import cancel_registration
from tessera.events.actions.closing import erase_circle_person
from tessera.events.actions.crew import end_crew
from tessera.events.models import Arrival, CrewMember, Event, Registration
from tessera.kit.actors import Actor
from tessera.talk.actions.erasing import erase_person

__all__ = ["forget_guest"]


def forget_guest(*, person_id: UUID, now: datetime, actor: Actor) -> int:
    """Take phone number, name, picture, answers, code and files out of the person's registrations; return how many.

    What he showed and noted in circles, and what he wrote to other guests, is gone. Of events to come he is no guest any more: his place goes to the waitlist. He works at no door any more, and his
    terminals are revoked. Bears being done twice.
    """
    to_come = Event.objects.filter(ends_at__gt=now, cancellation__isnull=True).values("id")
    rows = Registration.objects.filter(person_id=person_id)
    here = Arrival.objects.filter(person_id=person_id).values("registration_id")
    standing = rows.filter(event_id__in=to_come, state__in=["pending", "accepted", "waitlisted"])
    for event_id, registration_id in standing.exclude(id__in=here).values_list("event_id", "id"):
        cancel_registration(
            event_id=event_id, registration_id=registration_id, tell=False, now=now, actor=actor
        )
    crews = CrewMember.objects.filter(person_id=person_id, until__isnull=True).order_by("event_id")
    for event_id, crew_id in list(crews.values_list("event_id", "id")):
        end_crew(event_id=event_id, crew_id=crew_id, now=now, actor=actor)
    drop_answer_files(person_id=person_id, now=now, actor=actor)
    erase_circle_person(person_id=person_id, now=now, actor=actor)
    erase_person(person_id=person_id, now=now, actor=actor)
    return rows.update(phone=None, phone_tail="", name="", picture="", group="", answers={}, code="")
