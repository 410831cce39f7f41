"""Who works at a door, and on which terminals (spec/events.md, step 5)."""

import secrets
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction

from tessera.events.errors.crew import AlreadyCrew, CrewEnded, PrinterUnknown, TooManyTerminals
from tessera.events.models import CrewMember, Event, Lease, Numbering, Printer, Terminal
from tessera.events.rules.crew import MOST_TERMINALS, terminal_is_done
from tessera.events.rules.door import GRACE, event_topic
from tessera.events.terminals import digest_of_credential, forget_terminals, new_credential
from tessera.kit.actors import Actor
from tessera.kit.errors import NotFound
from tessera.kit.ids import show_id
from tessera.kit.live import tell_live
from tessera.notices.actions.inbox import send_notice

__all__ = [
    "add_crew",
    "allow_walk_ins",
    "end_crew",
    "enrol_terminal",
    "revoke_done_terminals",
    "revoke_terminal",
]


def add_crew(*, event_id: UUID, person_id: UUID, role: str, now: datetime, actor: Actor) -> CrewMember:
    """Let the person work at the event's door as `role` ("crew" or "supervisor"), and tell him; another role held before ends.

    Terminals stay and follow the role within seconds. Refuses `already_crew`.
    """
    held = (
        CrewMember.objects.select_for_update()
        .filter(event_id=event_id, person_id=person_id, until__isnull=True)
        .first()
    )
    if held is not None:
        if held.role == role:
            raise AlreadyCrew
        held.until = now
        held.save(update_fields=["until"])
        transaction.on_commit(forget_terminals)
    if actor.id != person_id and held is None:
        _tell_newcomer(Event.objects.get(pk=event_id), person_id, now=now, actor=actor)
    return CrewMember.objects.create(
        event_id=event_id, person_id=person_id, role=role, since=now, actor=actor.name
    )


def _tell_newcomer(event: Event, person_id: UUID, *, now: datetime, actor: Actor) -> None:
    starts = event.starts_at.astimezone(ZoneInfo(event.time_zone))
    context = {
        "title": event.title,
        "event_id": show_id("evt", event.id),
        "starts_on": starts.date().isoformat(),
        "starts_time": f"{starts:%H:%M}",
    }
    send_notice(
        person_id=person_id, kind="events", template="crew_added", context=context, now=now, actor=actor
    )


def end_crew(*, event_id: UUID, crew_id: UUID, now: datetime, actor: Actor) -> CrewMember:
    """End the person's work at the door and revoke his terminals there.

    Refuses `not_found` and `crew_ended`.
    """
    member = CrewMember.objects.select_for_update().filter(pk=crew_id, event_id=event_id).first()
    if member is None:
        raise NotFound
    if member.until is not None:
        raise CrewEnded
    member.until = now
    member.save(update_fields=["until"])
    for terminal in Terminal.objects.filter(
        event_id=event_id, person_id=member.person_id, revoked_at__isnull=True
    ).order_by("id"):
        revoke_terminal(event_id=event_id, terminal_id=terminal.id, reason="", now=now, actor=actor)
    return member


def enrol_terminal(
    *, event_id: UUID, person_id: UUID, door: str, printer_id: UUID | None, now: datetime, actor: Actor
) -> tuple[Terminal, str]:
    """Make the person's device a terminal at `door`; return it with its credential, which is kept nowhere.

    The organiser's staff who is not on the crew comes onto it as supervisor: whoever works a door is on its list. Refuses
    `too_many_terminals` and `printer_unknown`.
    """
    mine = CrewMember.objects.select_for_update().filter(
        event_id=event_id, person_id=person_id, until__isnull=True
    )
    if mine.first() is None:
        add_crew(event_id=event_id, person_id=person_id, role="supervisor", now=now, actor=actor)
    held = Terminal.objects.filter(event_id=event_id, person_id=person_id, revoked_at__isnull=True)
    if held.count() >= MOST_TERMINALS:
        raise TooManyTerminals(most=MOST_TERMINALS)
    if printer_id is not None and not _has_printer(event_id, printer_id):
        raise PrinterUnknown
    credential = new_credential()
    terminal = Terminal.objects.create(
        event_id=event_id,
        person_id=person_id,
        door=door,
        printer_id=printer_id,
        digest=digest_of_credential(credential),
        vault_key=secrets.token_bytes(32),
        made_at=now,
        seen_at=now,
    )
    tell_live(event_topic(event_id), "terminals")
    return terminal, credential


def _has_printer(event_id: UUID, printer_id: UUID) -> bool:
    return Printer.objects.filter(pk=printer_id, event_id=event_id, removed_at__isnull=True).exists()


def revoke_terminal(
    *, event_id: UUID, terminal_id: UUID, reason: str, now: datetime, actor: Actor
) -> Terminal:
    """Take the terminal's credential and the key of what it keeps; what it has not brought yet is refused from now on.

    Waits for the batch that is just giving numbers: what the terminal brought before counts, what comes after does not.
    Revoking again changes nothing. Refuses `not_found`.
    """
    Numbering.objects.select_for_update().filter(pk=event_id).first()
    terminal = Terminal.objects.select_for_update().filter(pk=terminal_id, event_id=event_id).first()
    if terminal is None:
        raise NotFound
    if terminal.revoked_at is None:
        terminal.revoked_at = now
        terminal.revoked_by = actor.name
        terminal.revoked_why = reason
        terminal.save(update_fields=["revoked_at", "revoked_by", "revoked_why"])
        transaction.on_commit(forget_terminals)
        tell_live(event_topic(event_id), "terminals")
    return terminal


def allow_walk_ins(*, event_id: UUID, allowed: bool, now: datetime, actor: Actor) -> Event:
    """Let the crew take in who has not registered, or not; refuses `not_found`."""
    event = Event.objects.select_for_update().filter(pk=event_id).first()
    if event is None:
        raise NotFound
    event.walk_ins = allowed
    event.changed_at = now
    event.save(update_fields=["walk_ins", "changed_at"])
    return event


def revoke_done_terminals(*, now: datetime, actor: Actor) -> int:
    """Revoke terminals of events that ended and that have nothing more to bring; return how many."""
    ended = Event.objects.filter(ends_at__lt=now - GRACE).values("id")
    revoked = 0
    for terminal in Terminal.objects.filter(revoked_at__isnull=True, event_id__in=ended).order_by("id")[:500]:
        done = terminal_is_done(
            now=now,
            ends_at=Event.objects.values_list("ends_at", flat=True).get(pk=terminal.event_id),
            seen_at=terminal.seen_at,
            waiting=terminal.waiting,
            has_lease=Lease.objects.filter(event_id=terminal.event_id, terminal_id=terminal.id).exists(),
        )
        if done:
            revoke_terminal(
                event_id=terminal.event_id, terminal_id=terminal.id, reason="", now=now, actor=actor
            )
            revoked += 1
    return revoked
