"""Guests of a circle talk, by number; the organiser mutes by number (spec/events.md, step 9).

The room `talk` knows people; here they are guests of an event, and are told.
"""

from datetime import datetime
from uuid import UUID

from tessera.events.models import Arrival, Event
from tessera.events.queries.circle import find_guest
from tessera.events.rules.circle import terms_of
from tessera.events.rules.door import event_topic, shown_number
from tessera.kit.actors import Actor
from tessera.kit.ids import show_id
from tessera.kit.live import tell_live
from tessera.notices.actions.inbox import send_notice
from tessera.talk.actions.blocking import block_person, unblock_person
from tessera.talk.actions.moderation import handle_report, lift_mute, mute_person, report_person
from tessera.talk.actions.writing import answer_request, ask
from tessera.talk.errors import PersonUnavailable
from tessera.talk.queries import Conversation, Report, blocked_ids, find_conversation, get_report

__all__ = [
    "answer_guest",
    "ask_guest",
    "block_guest",
    "close_report",
    "mute_guest",
    "report_guest",
    "unblock_guest",
    "unmute_guest",
]


def ask_guest(
    *, event: Event, person_id: UUID, number: int, text: str, now: datetime, actor: Actor
) -> Conversation:
    """Ask the guest with this number to talk; he gets a notice that says nothing of the text.

    Refuses `person_unavailable` for a number that nobody has or that is not for this person to see, and what
    talk.actions.writing.ask refuses.
    """
    other_id = _guest_with(event, number, hidden_from=person_id)
    conversation = ask(
        circle_id=event.id,
        asker_id=person_id,
        other_id=other_id,
        text=text,
        cap=terms_of(event.circle).requests,
        now=now,
        actor=actor,
    )
    template = "talk_accepted" if conversation.answer else "talk_request"
    _tell_guest(event, other_id, template, conversation, about=person_id, now=now, actor=actor)
    return conversation


def answer_guest(
    *, event: Event, person_id: UUID, conversation_id: UUID, accept: bool, now: datetime, actor: Actor
) -> Conversation:
    """Accept or decline a request; of an acceptance the asker gets a notice, of a refusal none.

    Refuses what talk.actions.writing.answer_request refuses.
    """
    conversation = answer_request(
        circle_id=event.id,
        conversation_id=conversation_id,
        person_id=person_id,
        accept=accept,
        now=now,
        actor=actor,
    )
    if accept:
        asker_id = conversation.asker_id
        _tell_guest(event, asker_id, "talk_accepted", conversation, about=person_id, now=now, actor=actor)
    return conversation


def block_guest(*, event: Event, person_id: UUID, number: int, now: datetime, actor: Actor) -> UUID:
    """Let the person and the guest with this number not see each other any more; return who that is.

    Refuses `person_unavailable` (also where either has blocked the other already), `talk_with_self`.
    """
    blocked_id = _guest_with(event, number, hidden_from=person_id)
    block_person(circle_id=event.id, person_id=person_id, blocked_id=blocked_id, now=now, actor=actor)
    return blocked_id


def unblock_guest(*, event: Event, person_id: UUID, number: int, now: datetime, actor: Actor) -> UUID:
    """Lift the person's block of the guest with this number. Refuses `person_unavailable` where there was none."""
    blocked_id = _guest_with(event, number)
    if not unblock_person(person_id=person_id, blocked_id=blocked_id, now=now, actor=actor):
        raise PersonUnavailable
    return blocked_id


def report_guest(
    *,
    event: Event,
    person_id: UUID,
    number: int,
    kind: str,
    text: str,
    block: bool,
    now: datetime,
    actor: Actor,
) -> Report:
    """Tell the organiser about the guest with this number, and block him too if `block`.

    Who has written to the person can be reported although he has blocked him since. Refuses `person_unavailable` and what talk.actions.moderation.report_person refuses.
    """
    about_id = _guest_with(event, number)
    if about_id in blocked_ids(person_id) and find_conversation(event.id, person_id, about_id) is None:
        raise PersonUnavailable
    report = report_person(
        circle_id=event.id, by_id=person_id, about_id=about_id, kind=kind, text=text, now=now, actor=actor
    )
    if block:
        block_person(circle_id=event.id, person_id=person_id, blocked_id=about_id, now=now, actor=actor)
    tell_live(event_topic(event.id), "reports")
    return report


def mute_guest(
    *, event: Event, person_id: UUID, reason: str, now: datetime, actor: Actor, report_id: UUID | None = None
) -> None:
    """Let a guest write nothing in the circle; he is told why. A report that led to it is closed with it.

    Refuses `already_muted`, `message_unusable`, `report_handled`, `not_found`.
    """
    mute = mute_person(circle_id=event.id, person_id=person_id, reason=reason, now=now, actor=actor)
    if report_id is not None:
        handle_report(circle_id=event.id, report_id=report_id, outcome="muted", now=now, actor=actor)
    context = {"event_id": show_id("evt", event.id), "title": event.title, "reason": mute.reason}
    send_notice(
        person_id=person_id, kind="events", template="talk_muted", context=context, now=now, actor=actor
    )
    tell_live(event_topic(event.id), "reports")


def unmute_guest(*, event: Event, person_id: UUID, now: datetime, actor: Actor) -> None:
    """Let a guest write again, and tell him. Refuses `not_found` for who was not muted."""
    lift_mute(circle_id=event.id, person_id=person_id, now=now, actor=actor)
    context = {"event_id": show_id("evt", event.id), "title": event.title}
    send_notice(
        person_id=person_id, kind="events", template="talk_unmuted", context=context, now=now, actor=actor
    )
    tell_live(event_topic(event.id), "reports")


def close_report(*, event: Event, report_id: UUID, now: datetime, actor: Actor) -> Report:
    """Close a report without doing anything about it. Refuses `not_found`, `report_handled`."""
    get_report(event.id, report_id)
    tell_live(event_topic(event.id), "reports")
    return handle_report(circle_id=event.id, report_id=report_id, outcome="nothing", now=now, actor=actor)


def _guest_with(event: Event, number: int, *, hidden_from: UUID | None = None) -> UUID:
    hidden = blocked_ids(hidden_from) if hidden_from else ()
    found = find_guest(event.id, number, hidden=hidden)
    if found is None:
        raise PersonUnavailable
    return found


def _tell_guest(
    event: Event,
    person_id: UUID,
    template: str,
    conversation: Conversation,
    *,
    about: UUID,
    now: datetime,
    actor: Actor,
) -> None:
    arrival = Arrival.objects.filter(event_id=event.id, person_id=about).first()
    if arrival is None:
        return
    context = {
        "event_id": show_id("evt", event.id),
        "conversation": show_id("cnv", conversation.id),
        "title": event.title,
        "number": shown_number(arrival.number, prefix=arrival.prefix, width=event.number_width),
    }
    send_notice(person_id=person_id, kind="events", template=template, context=context, now=now, actor=actor)
