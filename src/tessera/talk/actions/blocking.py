"""A person wants nothing from another one any more."""

from datetime import datetime
from uuid import UUID

from tessera.kit.actors import Actor
from tessera.kit.live import person_topic, tell_live
from tessera.talk.actions.locks import lock_pair
from tessera.talk.actions.writing import close_request
from tessera.talk.errors import TalkWithSelf
from tessera.talk.models import Block, Conversation
from tessera.talk.rules import pair_of

__all__ = ["block_person", "unblock_person"]


def block_person(*, circle_id: UUID, person_id: UUID, blocked_id: UUID, now: datetime, actor: Actor) -> Block:
    """Let neither of the two see or write to the other any more, in any circle; what the other asked for is declined.

    What the person himself asked for goes on waiting: who could take it back so would ask one after another, whatever the
    cap. Nobody is told. `circle_id`: where they met. Doing it again changes nothing. Refuses `talk_with_self`.
    """
    if person_id == blocked_id:
        raise TalkWithSelf
    lock_pair(person_id, blocked_id)
    low, high = pair_of(person_id, blocked_id)
    asked = Conversation.objects.filter(low_id=low, high_id=high, asker_id=blocked_id, answer="")
    for request in asked.order_by("circle_id"):
        close_request(conversation=request, now=now, actor=actor)
    block, _ = Block.objects.get_or_create(
        person_id=person_id,
        blocked_id=blocked_id,
        lifted_at=None,
        defaults={"circle_id": circle_id, "at": now},
    )
    _tell(person_id, blocked_id)
    return block


def unblock_person(*, person_id: UUID, blocked_id: UUID, now: datetime, actor: Actor) -> bool:
    """Lift the person's own block; return whether there was one. What the other blocks stays blocked."""
    lock_pair(person_id, blocked_id)
    lifted = Block.objects.filter(person_id=person_id, blocked_id=blocked_id, lifted_at__isnull=True).update(
        lifted_at=now
    )
    if lifted:
        _tell(person_id, blocked_id)
    return bool(lifted)


def _tell(*person_ids: UUID) -> None:
    for person_id in person_ids:
        tell_live(person_topic(person_id), "talk")
