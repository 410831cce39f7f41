"""People report one another; the organiser mutes, lifts, and closes reports. He reads nothing but the evidence."""

from datetime import datetime
from uuid import UUID

from tessera.kit.actors import Actor
from tessera.kit.errors import NotFound
from tessera.kit.ids import new_id
from tessera.kit.live import person_topic, tell_live
from tessera.talk.actions.locks import lock_circle, lock_pair, lock_writer
from tessera.talk.errors import AlreadyMuted, MessageUnusable, ReportHandled, ReportOpen, TalkWithSelf
from tessera.talk.models import Message, Mute, Report
from tessera.talk.queries import find_conversation, get_report
from tessera.talk.rules import MOST_CHARACTERS, MOST_EVIDENCE, REPORT_KINDS, usable_text

__all__ = ["handle_report", "lift_mute", "mute_person", "report_person"]


def report_person(
    *, circle_id: UUID, by_id: UUID, about_id: UUID, kind: str, text: str, now: datetime, actor: Actor
) -> Report:
    """Tell the organiser about another one; his last messages to the reporter are kept with it, nobody else's.

    `kind` is one of REPORT_KINDS, `text` may be empty. Refuses `talk_with_self`, `message_unusable`, `report_open`,
    `talk_erased`.
    """
    assert kind in REPORT_KINDS, "the form offers no other"
    if by_id == about_id:
        raise TalkWithSelf
    written = usable_text(text) if text.strip() else ""
    if written is None:
        raise MessageUnusable(most=MOST_CHARACTERS)
    lock_circle(circle_id)
    lock_pair(by_id, about_id)
    if Report.objects.filter(
        circle_id=circle_id, by_id=by_id, about_id=about_id, handled_at__isnull=True
    ).exists():
        raise ReportOpen
    conversation = find_conversation(circle_id, by_id, about_id)
    conversation_id = conversation.id if conversation else None
    return Report.objects.create(
        circle_id=circle_id,
        id=new_id(),
        by_id=by_id,
        about_id=about_id,
        conversation_id=conversation_id,
        kind=kind,
        text=written,
        evidence=_evidence(circle_id, conversation_id, about_id) if conversation_id else [],
        at=now,
    )


def _evidence(circle_id: UUID, conversation_id: UUID, about_id: UUID) -> list[dict[str, str]]:
    said = Message.objects.filter(circle_id=circle_id, conversation_id=conversation_id, from_id=about_id)
    last = list(said.order_by("-id")[:MOST_EVIDENCE])
    return [{"at": one.at.isoformat(), "text": one.text} for one in reversed(last)]


def handle_report(*, circle_id: UUID, report_id: UUID, outcome: str, now: datetime, actor: Actor) -> Report:
    """Close a report; `outcome` is "muted" or "nothing". Refuses `not_found`, `report_handled`."""
    handled = Report.objects.filter(circle_id=circle_id, id=report_id, handled_at__isnull=True).update(
        handled_at=now, handled_by=actor.name, outcome=outcome
    )
    report = get_report(circle_id, report_id)
    if not handled:
        raise ReportHandled
    return report


def mute_person(*, circle_id: UUID, person_id: UUID, reason: str, now: datetime, actor: Actor) -> Mute:
    """Let the person write nothing in the circle from now on; what he tries to write is told `reason`.

    Once this has returned and is committed no message of his follows. Refuses `already_muted`, `message_unusable`
    for a reason that cannot be read, `talk_erased`.
    """
    written = usable_text(reason)
    if written is None:
        raise MessageUnusable(most=MOST_CHARACTERS)
    lock_circle(circle_id)
    lock_writer(circle_id, person_id)
    mute, new = Mute.objects.get_or_create(
        circle_id=circle_id,
        person_id=person_id,
        lifted_at=None,
        defaults={"reason": written, "at": now, "actor": actor.name},
    )
    if not new:
        raise AlreadyMuted
    tell_live(person_topic(person_id), "talk")
    return mute


def lift_mute(*, circle_id: UUID, person_id: UUID, now: datetime, actor: Actor) -> None:
    """Let the person write again. Refuses `not_found` for who was not muted."""
    lifted = Mute.objects.filter(circle_id=circle_id, person_id=person_id, lifted_at__isnull=True).update(
        lifted_at=now, lifted_by=actor.name
    )
    if not lifted:
        raise NotFound
    tell_live(person_topic(person_id), "talk")
