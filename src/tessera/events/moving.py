"""A registration goes from one state to another: the row, its history, the guest's notice, the open pages."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction

from tessera.events.models import Decision, Event, Registration
from tessera.events.rules.door import event_topic
from tessera.kit.actors import Actor
from tessera.kit.ids import new_id, show_id
from tessera.kit.live import person_topic, tell_now
from tessera.notices.actions.inbox import send_notices

__all__ = [
    "MOVED",
    "Move",
    "changed_rows",
    "move_registrations",
    "new_code",
    "notice_context",
    "tell_guests",
    "tell_pages",
]

MOVED = ("state", "code", "waitlisted_at", "decided_at")
"""What a move changes in a registration."""

_TEMPLATES = {
    "accepted": "event_accepted",
    "declined": "event_declined",
    "waitlisted": "event_waitlisted",
    "pending": "event_registered",
    "cancelled": "event_registration_cancelled",
}
_WITH_REASON = {"event_declined", "event_registration_cancelled"}


@dataclass(frozen=True, slots=True)
class Move:
    """How registrations move: `by` is "rule", "person", "guest" or "waitlist"; `undoes`: the decision that is undone."""

    by: str
    reason: str = ""
    rule: str = ""
    revision: int | None = None
    undoes: UUID | None = None


def new_code() -> str:
    """Return a verification code: six digits that nobody can guess (spec/events.md, step 4)."""
    return f"{secrets.randbelow(10**6):06d}"


def move_registrations(
    event: Event,
    moving: Sequence[tuple[Registration, str, Move]],
    *,
    tell: bool = True,
    now: datetime,
    actor: Actor,
) -> list[Decision]:
    """Bring each registration into its new state and write down why; seats are the caller's business.

    Who is accepted gets a code, unless he has one from before. The caller holds the event's seats (actions.seats.lock_seats).
    """
    decisions = changed_rows(event, moving, now=now, actor=actor)
    Registration.objects.bulk_update([row for row, _, _ in moving], MOVED, batch_size=500)
    Decision.objects.bulk_create(decisions, batch_size=2_000)
    if tell:
        tell_guests(event, [(row, how.reason) for row, _, how in moving], now=now, actor=actor)
    tell_pages(event.id, [row.person_id for row, _, _ in moving])
    return decisions


def changed_rows(
    event: Event, moving: Sequence[tuple[Registration, str, Move]], *, now: datetime, actor: Actor
) -> list[Decision]:
    """Change the registrations in memory and return their decisions; the caller writes both."""
    decisions = []
    for row, after, how in moving:
        decisions.append(
            Decision(
                event_id=event.id, id=new_id(), registration_id=row.id, before=row.state, after=after, by=how.by,
                rule=how.rule, policy_revision=how.revision, reason=how.reason, undoes=how.undoes, at=now, actor=actor.name,
            )
        )  # fmt: skip
        if after == "accepted" and not row.code:
            row.code = new_code()
        if after == "waitlisted" and (row.waitlisted_at is None or how.undoes is None):
            row.waitlisted_at = now
        row.state, row.decided_at = after, None if after == "pending" else now
    return decisions


def tell_guests(
    event: Event, guests: Sequence[tuple[Registration, str]], *, now: datetime, actor: Actor
) -> None:
    """Send each guest the notice of his state; with the code where he is accepted (spec/events.md, step 4)."""
    contexts: dict[str, dict[UUID, Mapping[str, str]]] = {}
    for row, reason in guests:
        template = _TEMPLATES[row.state]
        if reason and template in _WITH_REASON:
            template += "_because"
        contexts.setdefault(template, {})[row.person_id] = notice_context(event, row, reason=reason)
    for template, these in contexts.items():
        send_notices(contexts=these, kind="events", template=template, now=now, actor=actor)


def notice_context(event: Event, row: Registration, *, reason: str = "") -> dict[str, str]:
    """Return what notices to one guest speak of; the code only where he is accepted."""
    starts = event.starts_at.astimezone(ZoneInfo(event.time_zone))
    context = {
        "title": event.title,
        "starts_on": starts.date().isoformat(),
        "starts_time": f"{starts:%H:%M}",
        "place": event.place,
        "ticket": row.ticket,
        "event_id": show_id("evt", event.id),
        "reason": reason,
    }
    return {**context, "code": row.code} if row.state == "accepted" else context


def tell_pages(event_id: UUID, person_ids: Sequence[UUID]) -> None:
    """Let the organiser's and the guests' open pages look again, after the commit."""
    words = [(event_topic(event_id), "registrations")]
    words += [(person_topic(person_id), "registration") for person_id in person_ids]
    transaction.on_commit(lambda: tell_now(words))
