"""People ask one another, answer, and write (spec/events.md, step 9)."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection
from django.db.models import F
from django.db.models.functions import Greatest

from tessera.kit.actors import Actor
from tessera.kit.errors import NotFound
from tessera.kit.ids import first_id_at, new_id
from tessera.kit.live import person_topic, tell_live
from tessera.kit.sql import statement
from tessera.people.queries import persons_by_id
from tessera.talk.actions.locks import lock_circle, lock_pair, lock_writer
from tessera.talk.errors import (
    AlreadyTalking,
    MessagesTooMany,
    MessageUnusable,
    NotAgreed,
    PersonUnavailable,
    RequestAnswered,
    RequestDeclined,
    RequestOpen,
    RequestsUsedUp,
    TalkMuted,
    TalkWithSelf,
)
from tessera.talk.models import Allowance, Conversation, Message, ReadMark
from tessera.talk.queries import find_conversation, find_mute, is_blocked_between
from tessera.talk.rules import MESSAGES_A_MINUTE, MOST_CHARACTERS, pair_of, usable_text

__all__ = ["answer_request", "ask", "close_request", "mark_read", "write_message"]

_MINUTE = timedelta(minutes=1)


def ask(
    *, circle_id: UUID, asker_id: UUID, other_id: UUID, text: str, cap: int, now: datetime, actor: Actor
) -> Conversation:
    """Ask the other to talk; `text` is the request, and the conversation's first message.

    `cap`: how many requests of one person may wait for an answer, exactly, however many he sends at once. Whoever asks
    somebody that has asked him accepts with it. Refuses `message_unusable`, `talk_with_self`, `talk_muted`,
    `messages_too_many`, `person_unavailable`, `requests_used_up`, `request_open`, `already_talking`,
    `request_declined`, `talk_erased`.
    """
    written = _usable(text)
    if asker_id == other_id:
        raise TalkWithSelf
    lock_circle(circle_id)
    lock_writer(circle_id, asker_id)
    lock_pair(asker_id, other_id)
    _refuse_unreachable(asker_id, other_id)
    _refuse_silenced(circle_id, asker_id, now)
    known = find_conversation(circle_id, asker_id, other_id)
    if known is not None:
        conversation = _answered_by_asking(known, asker_id, now)
    else:
        _take_allowance(circle_id, asker_id, cap)
        low, high = pair_of(asker_id, other_id)
        conversation = Conversation.objects.create(
            circle_id=circle_id,
            id=new_id(),
            low_id=low,
            high_id=high,
            asker_id=asker_id,
            asked_at=now,
            last_at=now,
        )
    _say(conversation, asker_id, written, now)
    return conversation


def answer_request(
    *, circle_id: UUID, conversation_id: UUID, person_id: UUID, accept: bool, now: datetime, actor: Actor
) -> Conversation:
    """Accept or decline a request; whoever asked may ask somebody else instead from now on.

    Only the one who was asked answers. Refuses `not_found`, `request_answered`, `person_unavailable`, `talk_erased`.
    """
    conversation, other_id = _entered(circle_id, conversation_id, person_id)
    if conversation.asker_id == person_id:
        raise NotFound
    if conversation.answer:
        raise RequestAnswered
    _refuse_unreachable(person_id, other_id)
    _answer(conversation, "accepted" if accept else "declined", now)
    _tell(conversation)
    return conversation


def write_message(
    *, circle_id: UUID, conversation_id: UUID, person_id: UUID, text: str, now: datetime, actor: Actor
) -> Message:
    """Write to the other one of a conversation that both have agreed to.

    Refuses `not_found`, `message_unusable`, `talk_not_agreed`, `talk_muted`, `messages_too_many`, `person_unavailable`,
    `talk_erased`.
    """
    written = _usable(text)
    conversation, other_id = _entered(circle_id, conversation_id, person_id, writes=True)
    _refuse_unreachable(person_id, other_id)
    if conversation.answer != "accepted":
        raise NotAgreed
    _refuse_silenced(circle_id, person_id, now)
    return _say(conversation, person_id, written, now)


def close_request(*, conversation: Conversation, now: datetime, actor: Actor) -> None:
    """Decline a request that waits, without a word to anybody; the two people must be held (`lock_pair`)."""
    if not conversation.answer:
        _answer(conversation, "declined", now)


def mark_read(
    *, circle_id: UUID, conversation_id: UUID, person_id: UUID, now: datetime, actor: Actor
) -> bool:
    """Note that the person has read all of a conversation; return whether there was something new."""
    said = Message.objects.filter(circle_id=circle_id, conversation_id=conversation_id)
    last = said.exclude(from_id=person_id).order_by("-id").values_list("id", flat=True).first()
    if last is None:
        return False
    named = {"circle_id": circle_id, "conversation_id": conversation_id, "person_id": person_id}
    _, new = ReadMark.objects.get_or_create(**named, defaults={"up_to": last})
    if new:
        return True
    return bool(ReadMark.objects.filter(**named, up_to__lt=last).update(up_to=Greatest(F("up_to"), last)))


def _usable(text: str) -> str:
    written = usable_text(text)
    if written is None:
        raise MessageUnusable(most=MOST_CHARACTERS)
    return written


def _entered(
    circle_id: UUID, conversation_id: UUID, person_id: UUID, *, writes: bool = False
) -> tuple[Conversation, UUID]:
    """Return the conversation, held, and the other one; refuses `not_found` to who is none of the two."""
    lock_circle(circle_id)
    if writes:
        lock_writer(circle_id, person_id)
    named = Conversation.objects.filter(circle_id=circle_id, id=conversation_id)
    pair = named.values_list("low_id", "high_id").first()
    if pair is None or person_id not in pair:
        raise NotFound
    lock_pair(*pair)
    return named.get(), pair[1] if pair[0] == person_id else pair[0]


def _refuse_unreachable(person_id: UUID, other_id: UUID) -> None:
    """Refuse `person_unavailable`: whoever is blocked learns no more than that."""
    other = persons_by_id([other_id]).get(other_id)
    if other is None or other.erased_at is not None or is_blocked_between(person_id, other_id):
        raise PersonUnavailable


def _refuse_silenced(circle_id: UUID, person_id: UUID, now: datetime) -> None:
    mute = find_mute(circle_id, person_id)
    if mute is not None:
        raise TalkMuted(reason=mute.reason)
    begin = now - _MINUTE
    own = Message.objects.filter(
        from_id=person_id, circle_id=circle_id, id__gte=first_id_at(begin), at__gt=begin
    )
    latest = list(own.order_by("-id").values_list("at", flat=True)[:MESSAGES_A_MINUTE])
    if len(latest) == MESSAGES_A_MINUTE:
        left = latest[-1] + _MINUTE - now
        raise MessagesTooMany(most=MESSAGES_A_MINUTE, retry_after_s=max(1, int(left.total_seconds()) + 1))


def _answered_by_asking(conversation: Conversation, asker_id: UUID, now: datetime) -> Conversation:
    """Asking somebody who has asked before is the answer to his request, also a late one."""
    if conversation.answer == "accepted":
        raise AlreadyTalking
    if conversation.asker_id == asker_id:
        raise RequestDeclined if conversation.answer else RequestOpen
    _answer(conversation, "accepted", now)
    return conversation


def _answer(conversation: Conversation, answer: str, now: datetime) -> None:
    waited = not conversation.answer
    Conversation.objects.filter(circle_id=conversation.circle_id, id=conversation.id).update(
        answer=answer, answered_at=now
    )
    conversation.answer, conversation.answered_at = answer, now
    if waited:
        held = Allowance.objects.filter(
            circle_id=conversation.circle_id, person_id=conversation.asker_id, unanswered__gt=0
        )
        held.update(unanswered=F("unanswered") - 1)


def _take_allowance(circle_id: UUID, person_id: UUID, cap: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            statement("talk", "take_allowance"), {"circle": circle_id, "person": person_id, "cap": cap}
        )
        taken = cursor.fetchone()
    if taken is None:
        raise RequestsUsedUp(most=cap)


def _say(conversation: Conversation, from_id: UUID, text: str, now: datetime) -> Message:
    message = Message.objects.create(
        circle_id=conversation.circle_id,
        conversation_id=conversation.id,
        id=new_id(),
        from_id=from_id,
        text=text,
        at=now,
    )
    Conversation.objects.filter(circle_id=conversation.circle_id, id=conversation.id).update(
        last_at=Greatest(F("last_at"), now)
    )
    _tell(conversation)
    return message


def _tell(conversation: Conversation) -> None:
    for person_id in (conversation.low_id, conversation.high_id):
        tell_live(person_topic(person_id), "talk")
