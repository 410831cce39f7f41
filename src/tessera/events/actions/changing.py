"""A registered guest changes his answers, or does not come (spec/events.md, step 2)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from tessera.events.actions.seats import fill_from_waitlist
from tessera.events.answering import checked_answers, group_of
from tessera.events.errors.registering import AlreadyDecided, RegistrationFixed
from tessera.events.models import Registration
from tessera.events.moving import Move, move_registrations, tell_pages
from tessera.events.queries.events import get_event
from tessera.events.queries.reviewing import questions_of
from tessera.events.seating import check_not_arrived, free_seats, lock_door, lock_seats
from tessera.kit.actors import Actor
from tessera.kit.errors import NotFound

__all__ = ["cancel_registration", "change_answers", "lock_registration"]

_LONGEST_NAME = 40


def lock_registration(event_id: UUID, registration_id: UUID) -> Registration:
    """Return the registration, locked until the transaction ends; refuses `not_found`."""
    rows = Registration.objects.select_for_update()
    row = rows.filter(event_id=event_id, id=registration_id).first()
    if row is None:
        raise NotFound
    return row


def cancel_registration(
    *,
    event_id: UUID,
    registration_id: UUID,
    by: str = "guest",
    reason: str = "",
    tell: bool = True,
    now: datetime,
    actor: Actor,
) -> Registration:
    """Cancel a registration that is pending, accepted or waitlisted; a seat it held goes to the waitlist at once.

    `by`: "guest" or "person" (the organiser, with a reason that the guest is told); `tell`: False sends him no notice. Refuses `not_found`,
    `guest_has_arrived` and `registration_state_unfit`. Source: spec/events.md, steps 2 and 3.
    """
    lock_seats(event_id)
    lock_door(event_id)
    row = lock_registration(event_id, registration_id)
    if row.state not in {"pending", "accepted", "waitlisted"}:
        raise AlreadyDecided(state=row.state)
    check_not_arrived(row)
    held = row.state == "accepted"
    event = get_event(event_id, now=now).event
    how = Move(by=by, reason=reason)
    move_registrations(event, [(row, "cancelled", how)], tell=tell, now=now, actor=actor)
    if held:
        free_seats(event_id, 1)
        fill_from_waitlist(event_id=event_id, now=now, actor=actor)
    return row


def change_answers(
    *,
    event_id: UUID,
    registration_id: UUID,
    answers: Mapping[str, Any],
    name: str = "",
    now: datetime,
    actor: Actor,
) -> Registration:
    """Replace the answers of a registration about which nobody has decided; a file not given anew stays as it was.

    Refuses `not_found`, `registration_fixed`, and what `checked_answers` refuses.
    """
    lock_seats(event_id)
    row = lock_registration(event_id, registration_id)
    if row.state != "pending":
        raise RegistrationFixed
    questions = questions_of(event_id)
    files = {str(one.id) for one in questions if one.kind == "file"}
    kept = {place: given for place, given in row.answers.items() if place in files}
    row.answers = checked_answers(questions, {**kept, **answers}, person_id=row.person_id)
    row.group = group_of(get_event(event_id, now=now).event, row.answers)
    row.name = name.strip()[:_LONGEST_NAME] or row.name
    row.save(update_fields=["answers", "group", "name"])
    tell_pages(event_id, [row.person_id])
    return row
