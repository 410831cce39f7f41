"""What was said is erased: with the circle, and with a person (spec/events.md, step 11; spec/README.md, rule 7)."""

from datetime import datetime
from uuid import UUID

from django.db.models import Q

from tessera.kit.actors import Actor
from tessera.talk.actions.locks import lock_circle_whole, lock_pair, lock_writer
from tessera.talk.actions.writing import close_request
from tessera.talk.models import (
    Allowance,
    Block,
    ContactOffer,
    Conversation,
    ErasedCircle,
    Message,
    Mute,
    ReadMark,
    Report,
)
from tessera.talk.queries import count_meetings

__all__ = ["erase_circle", "erase_person"]

_OF_A_CIRCLE = (Message, ReadMark, Allowance, Report, Mute, ContactOffer, Conversation)


def erase_circle(*, circle_id: UUID, now: datetime, actor: Actor) -> ErasedCircle:
    """Erase everything that was said in a circle, by whom and to whom; how much it was stays. Again: changes nothing.

    Nobody writes into it afterwards (`talk_erased`). Blocks stay: they hold wherever the two meet.
    """
    lock_circle_whole(circle_id)
    known = ErasedCircle.objects.filter(pk=circle_id).first()
    if known is not None:
        return known
    came_to = count_meetings(circle_id)
    for kind in _OF_A_CIRCLE:
        kind.objects.filter(circle_id=circle_id).delete()
    return ErasedCircle.objects.create(
        circle_id=circle_id,
        at=now,
        requests=came_to.requests,
        accepted=came_to.accepted,
        declined=came_to.declined,
        messages=came_to.messages,
        reports=came_to.reports,
        by_partners={str(number): people for number, people in came_to.by_partners.items()},
    )


def erase_person(*, person_id: UUID, now: datetime, actor: Actor) -> None:
    """Erase what a person has written and what names him here: messages, reports' evidence, offers, mutes, blocks.

    That a conversation was stays, with what the other has written in it; requests that wait are closed. The person
    must have been erased before (people.erased), so that nobody writes to him. Doing it again changes nothing.
    """
    own = Conversation.objects.filter(Q(low_id=person_id) | Q(high_id=person_id))
    for circle_id in sorted(set(own.values_list("circle_id", flat=True))):
        lock_writer(circle_id, person_id)
    for request in own.filter(answer="").order_by("circle_id", "low_id", "high_id"):
        lock_pair(request.low_id, request.high_id)
        request.refresh_from_db(fields=["answer"])
        close_request(conversation=request, now=now, actor=actor)
    Message.objects.filter(from_id=person_id).delete()
    Report.objects.filter(about_id=person_id).update(evidence=[], text="")
    Report.objects.filter(by_id=person_id).update(text="")
    for conversation in own.values_list("circle_id", "id"):
        for kind in (ReadMark, ContactOffer):
            kind.objects.filter(
                circle_id=conversation[0], conversation_id=conversation[1], person_id=person_id
            ).delete()
    Mute.objects.filter(person_id=person_id).update(reason="")
    Mute.objects.filter(person_id=person_id, lifted_at__isnull=True).update(
        lifted_at=now, lifted_by=actor.name
    )
    Block.objects.filter(Q(person_id=person_id) | Q(blocked_id=person_id)).delete()
