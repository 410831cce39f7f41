"""Two people exchange their phone numbers: neither sees one before both want it."""

from datetime import datetime
from uuid import UUID

from tessera.kit.actors import Actor
from tessera.kit.live import person_topic, tell_live
from tessera.talk.actions.locks import lock_circle, lock_pair
from tessera.talk.errors import NotAgreed
from tessera.talk.models import ContactOffer
from tessera.talk.queries import get_conversation

__all__ = ["offer_contact", "withdraw_contact"]


def offer_contact(
    *, circle_id: UUID, conversation_id: UUID, person_id: UUID, now: datetime, actor: Actor
) -> None:
    """Say that the person is ready to show his phone number to the other one; both see each other's once both have.

    Doing it again changes nothing. Refuses `not_found`, `talk_not_agreed`, `talk_erased`.
    """
    lock_circle(circle_id)
    row = get_conversation(circle_id, conversation_id, person_id=person_id)
    lock_pair(person_id, row.other_id)
    if get_conversation(circle_id, conversation_id, person_id=person_id).state != "accepted":
        raise NotAgreed
    ContactOffer.objects.get_or_create(
        circle_id=circle_id, conversation_id=conversation_id, person_id=person_id, defaults={"at": now}
    )
    _tell(person_id, row.other_id)


def withdraw_contact(
    *, circle_id: UUID, conversation_id: UUID, person_id: UUID, now: datetime, actor: Actor
) -> None:
    """Show the number no longer, and see the other's no longer. Refuses `not_found`."""
    row = get_conversation(circle_id, conversation_id, person_id=person_id)
    ContactOffer.objects.filter(
        circle_id=circle_id, conversation_id=conversation_id, person_id=person_id
    ).delete()
    _tell(person_id, row.other_id)


def _tell(*person_ids: UUID) -> None:
    for person_id in person_ids:
        tell_live(person_topic(person_id), "talk")
