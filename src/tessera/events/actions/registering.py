"""Guests register (spec/events.md, steps 2 and 3)."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from tessera.events.answering import checked_answers, group_of
from tessera.events.errors.door import EventCancelled, EventOver, NotPublished
from tessera.events.errors.registering import (
    AlreadyRegistered,
    EventFull,
    QuotaReached,
    RegistrationClosed,
    RegistrationNotOpen,
)
from tessera.events.models import Decision, Question, Registration, Seats
from tessera.events.moving import MOVED, Move, changed_rows, tell_guests, tell_pages
from tessera.events.queries.events import EventRow, get_event
from tessera.events.queries.reviewing import Standing, facts_by_person, questions_of, standing_of
from tessera.events.rules.door import GRACE
from tessera.events.rules.reviewing import Facts, full_quota, limit_of, verdict_of
from tessera.events.seating import lock_seats, take_seats
from tessera.kit.actors import Actor
from tessera.kit.errors import NotFound
from tessera.kit.ids import new_id
from tessera.kit.refusals import Refusal
from tessera.people.actions.privacy import record_consent
from tessera.people.queries import Person, persons_by_id

__all__ = ["CONSENT_PURPOSE", "Newcomer", "register_guest", "register_guests"]

CONSENT_PURPOSE = "event_registration"
_LONGEST_NAME = 40
_AFTER = {"accept": "accepted", "decline": "declined", "waitlist": "waitlisted", "hand": "pending"}
_WRITTEN = (
    *MOVED, "phone", "phone_tail", "name", "picture", "group", "answers", "walk_in", "source", "registered_at", "text_version",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Newcomer:
    """One who registers; `name` as he would like to be called ("": his nickname)."""

    person_id: UUID
    answers: Mapping[str, Any] = field(default_factory=dict)
    name: str = ""


@dataclass(slots=True)
class _Desk:
    """The event while its seats are held: what it asks, how its policy stands, how guests come, seats taken so far."""

    row: EventRow
    questions: Sequence[Question]
    standing: Standing
    by_hand: bool
    walk_in: bool
    source: str
    text_version: str
    seats: Seats
    before: Mapping[UUID, Registration]
    taken: int = 0

    @property
    def is_full(self) -> bool:
        """No seat is left."""
        return self.seats.capacity is not None and self.seats.taken + self.taken >= self.seats.capacity


def register_guest(
    *,
    event_id: UUID,
    person_id: UUID,
    answers: Mapping[str, Any],
    text_version: str,
    source: str,
    name: str = "",
    walk_in: bool = False,
    invited: bool = False,
    now: datetime,
    actor: Actor,
) -> Registration:
    """Register a person for an event, and decide as its policy says; the guest is told.

    `answers`: question id -> answer. `source`: "web", "api", "organiser", "door", "import". `walk_in` (the crew) and `invited`
    (the organiser) accept at once, need no answers, and look at no window; then a full event refuses. One who cancelled
    registers again in the same row. A person who registers himself leaves a consent with `text_version`.

    Refuses `not_found`, `event_not_published`, `event_cancelled`, `event_over`, `registration_not_open`,
    `registration_closed`, `already_registered_for_event`, what `checked_answers` refuses, and `event_full`, `quota_reached`.
    Source: spec/events.md, steps 2 and 3.
    """
    [outcome] = register_guests(
        event_id=event_id,
        newcomers=[Newcomer(person_id, answers, name)],
        text_version=text_version,
        source=source,
        walk_in=walk_in,
        invited=invited,
        now=now,
        actor=actor,
    )
    if isinstance(outcome, Refusal):
        raise outcome
    if actor.id == person_id:
        record_consent(
            person_id=person_id,
            purpose=CONSENT_PURPOSE,
            text_version=text_version,
            given=True,
            now=now,
            actor=actor,
        )
    return outcome


def register_guests(
    *,
    event_id: UUID,
    newcomers: Sequence[Newcomer],
    text_version: str,
    source: str,
    walk_in: bool = False,
    invited: bool = False,
    tell: bool = True,
    now: datetime,
    actor: Actor,
) -> list[Registration | Refusal]:
    """Register many persons in their order, as `register_guest` does one; answer for each: a registration or a refusal.

    `tell`: False sends nobody a notice, as for what is brought in from elsewhere.
    """
    seats = lock_seats(event_id)
    row = get_event(event_id, now=now)
    _check_event(row, window=not (walk_in or invited), now=now)
    standing, questions = standing_of(row), questions_of(event_id)
    ids = [one.person_id for one in newcomers]
    persons = persons_by_id(ids)
    known = {one.person_id: one for one in Registration.objects.filter(event_id=event_id, person_id__in=ids)}
    by_hand = walk_in or invited
    desk = _Desk(row, questions, standing, by_hand, walk_in, source, text_version, seats, dict(known))
    by_person = {one.person_id: one.answers for one in newcomers}
    facts = {} if desk.by_hand else facts_by_person(row.event, by_person, policy=standing.policy, now=now)
    outcomes: list[Registration | Refusal] = []
    moves: list[tuple[Registration, str, Move]] = []
    for one in newcomers:
        try:
            person, before = persons.get(one.person_id), known.get(one.person_id)
            registration = _read(desk, one, person, before, now=now)
            move = _decide(desk, registration, facts.get(one.person_id))
        except Refusal as refusal:
            outcomes.append(refusal)
            continue
        known[one.person_id] = registration
        outcomes.append(registration)
        moves += [(registration, *move)] if move else []
    written = [one for one in outcomes if isinstance(one, Registration)]
    _write(desk, written, moves, now=now, actor=actor)
    if tell:
        reasons = {row.id: how.reason for row, _, how in moves}
        told = [(one, reasons.get(one.id, "")) for one in written]
        tell_guests(row.event, told, now=now, actor=actor)
    tell_pages(event_id, [one.person_id for one in written])
    return outcomes


def _check_event(row: EventRow, *, window: bool, now: datetime) -> None:
    if row.status == "draft":
        raise NotPublished
    if row.status == "cancelled":
        raise EventCancelled
    event = row.event
    if now > event.ends_at + (GRACE if not window else GRACE * 0):
        raise EventOver
    zone = ZoneInfo(event.time_zone)
    if window and now < event.registration_from:
        raise RegistrationNotOpen(opens=f"{event.registration_from.astimezone(zone):%Y-%m-%d %H:%M}")
    if window and now > event.registration_until:
        raise RegistrationClosed(closed=f"{event.registration_until.astimezone(zone):%Y-%m-%d %H:%M}")


def _read(
    desk: _Desk, one: Newcomer, person: Person | None, before: Registration | None, *, now: datetime
) -> Registration:
    """Return the registration as it will be written, pending; a cancelled one begins anew in the same row."""
    if person is None or person.erased_at or person.phone is None:
        raise NotFound
    if before is not None and before.state != "cancelled":
        raise AlreadyRegistered
    answers = checked_answers(desk.questions, one.answers, person_id=one.person_id, complete=not desk.by_hand)
    row = before or Registration(
        event_id=desk.row.event.id, id=new_id(), person_id=person.id, ticket=secrets.token_urlsafe(12)
    )
    row.state, row.phone, row.phone_tail = "pending", person.phone, person.phone[-4:]
    row.name = (one.name or person.nickname).strip()[:_LONGEST_NAME]
    row.picture, row.answers, row.group = person.picture, answers, group_of(desk.row.event, answers)
    row.walk_in, row.source, row.text_version = desk.walk_in, desk.source, desk.text_version
    row.registered_at, row.decided_at, row.waitlisted_at = now, None, None
    return row


def _decide(desk: _Desk, row: Registration, facts: Facts | None) -> tuple[str, Move] | None:
    """Say where a registration goes from pending; None: a person decides. Refuses `event_full`, `quota_reached` by hand."""
    standing, capacity = desk.standing, desk.seats.capacity
    if desk.by_hand:
        full = full_quota(standing.policy, row.answers, standing.counts, capacity=capacity)
        if full is not None:
            quota = standing.policy.quotas[full]
            raise QuotaReached(answer=quota.answer, most=limit_of(quota, capacity=capacity))
        if desk.is_full:
            raise EventFull(capacity=capacity)
        return _accepted(desk, row, Move(by="person"))
    assert facts is not None, "those who are reviewed by rule have facts"
    verdict = verdict_of(standing.policy, facts, standing.counts, capacity=capacity)
    if verdict.then == "hand":
        return None
    if verdict.then == "accept" and desk.is_full:
        return "waitlisted", Move(by="rule", rule="full", revision=standing.revision)
    move = Move(by="rule", reason=verdict.reason, rule=verdict.rule, revision=standing.revision)
    return _accepted(desk, row, move) if verdict.then == "accept" else (_AFTER[verdict.then], move)


def _accepted(desk: _Desk, row: Registration, move: Move) -> tuple[str, Move]:
    desk.taken += 1
    desk.standing.count(row.answers)
    return "accepted", move


def _write(
    desk: _Desk,
    written: Sequence[Registration],
    moves: Sequence[tuple[Registration, str, Move]],
    *,
    now: datetime,
    actor: Actor,
) -> None:
    event = desk.row.event
    decisions = changed_rows(event, moves, now=now, actor=actor)
    assert take_seats(event.id, desk.taken), "the seats are locked"
    fresh = [one for one in written if one.person_id not in desk.before]
    again = [one for one in written if one.person_id in desk.before]
    Registration.objects.bulk_create(fresh, batch_size=2_000)
    Registration.objects.bulk_update(again, _WRITTEN, batch_size=500)
    Decision.objects.bulk_create(decisions, batch_size=2_000)
