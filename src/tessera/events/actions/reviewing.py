"""Registrations are decided, by a reviewer's hand or by published rules; decisions are undone (spec/events.md, step 3)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from tessera.events.actions.changing import lock_registration
from tessera.events.actions.seats import fill_from_waitlist
from tessera.events.errors.registering import (
    AlreadyDecided,
    DecisionNotLast,
    DecisionUndone,
    EventFull,
    GuestHasArrived,
    PolicyInvalid,
    QuotaNeedsCapacity,
    QuotaReached,
    ReasonMissing,
)
from tessera.events.models import Arrival, Decision, Registration, ReviewPolicy, Seats
from tessera.events.moving import Move, move_registrations
from tessera.events.queries.events import EventRow, get_event
from tessera.events.queries.reviewing import (
    Standing,
    facts_by_person,
    find_policy_row,
    questions_of,
    standing_of,
)
from tessera.events.rules.kept_policies import parse_policy, written_policy
from tessera.events.rules.reviewing import full_quota, limit_of, verdict_of
from tessera.events.seating import check_not_arrived, free_seats, lock_door, lock_seats, take_seats
from tessera.kit.actors import Actor
from tessera.kit.errors import NotFound, TooLarge
from tessera.kit.refusals import Refusal

__all__ = [
    "MOST_AT_ONCE",
    "Decided",
    "apply_policy",
    "decide_registrations",
    "publish_policy",
    "undo_decision",
    "undo_decisions",
]

MOST_AT_ONCE = 2_000
_AFTER = {"accept": "accepted", "decline": "declined", "waitlist": "waitlisted"}
_LONGEST_REASON = 200
Moves = list[tuple[Registration, str, Move]]


@dataclass(frozen=True, slots=True)
class Decided:
    """What became of many: the decisions that were made, and the registrations that were refused, each with why."""

    decisions: Sequence[Decision]
    refused: Mapping[UUID, Refusal]
    moved_up: int = 0


def decide_registrations(
    *,
    event_id: UUID,
    registration_ids: Sequence[UUID],
    verdict: str,
    reason: str = "",
    now: datetime,
    actor: Actor,
) -> Decided:
    """Accept, decline or waitlist registrations, one or many (`verdict`: "accept", "decline", "waitlist"); guests are told.

    Each registration stands for itself: those that cannot are named in `refused` with `not_found`, `event_full`,
    `quota_reached`, `guest_has_arrived` or `registration_state_unfit`, and stay as they were. Seats that become free go to
    the waitlist in the same transaction. All decisions have the same moment, by which `undo_decisions` finds them.

    Refuses `decision_reason_missing` for a declining without reason, `too_large`, `not_found` for the event.
    """
    if verdict == "decline" and not reason.strip():
        raise ReasonMissing
    ids = list(dict.fromkeys(registration_ids))
    if len(ids) > MOST_AT_ONCE:
        raise TooLarge(most=MOST_AT_ONCE, what="registrations")
    seats = lock_seats(event_id)
    row = get_event(event_id, now=now)
    if verdict != "accept":
        lock_door(event_id)
    found = {one.id: one for one in _locked(event_id, ids)}
    arrived = set(
        Arrival.objects.filter(event_id=event_id, registration_id__in=ids).values_list(
            "registration_id", flat=True
        )
    )
    how = Move(by="person", reason=reason.strip()[:_LONGEST_REASON])
    bench = _Bench(seats, standing_of(row), taken=0)
    moves: Moves = []
    refused: dict[UUID, Refusal] = {}
    for one_id in ids:
        try:
            moves.append((_fit(bench, found.get(one_id), verdict, arrived), _AFTER[verdict], how))
        except Refusal as refusal:
            refused[one_id] = refusal
    freed = sum(one.state == "accepted" for one, _, _ in moves)
    assert take_seats(event_id, bench.taken), "the seats are locked"
    decisions = move_registrations(row.event, moves, now=now, actor=actor)
    free_seats(event_id, freed)
    up = (
        fill_from_waitlist(event_id=event_id, but=[one.id for one, _, _ in moves], now=now, actor=actor)
        if freed
        else 0
    )
    return Decided(decisions, refused, up)


@dataclass(slots=True)
class _Bench:
    """Seats and quotas while many are decided."""

    seats: Seats
    standing: Standing
    taken: int

    def seat(self, row: Registration) -> None:
        """Count a guest in; refuses `quota_reached`, `event_full`."""
        capacity, policy = self.seats.capacity, self.standing.policy
        full = full_quota(policy, row.answers, self.standing.counts, capacity=capacity)
        if full is not None:
            quota = policy.quotas[full]
            raise QuotaReached(answer=quota.answer, most=limit_of(quota, capacity=capacity))
        if capacity is not None and self.seats.taken + self.taken >= capacity:
            raise EventFull(capacity=capacity)
        self.taken += 1
        self.standing.count(row.answers)


def _locked(event_id: UUID, ids: Sequence[UUID]) -> Sequence[Registration]:
    return list(Registration.objects.select_for_update().filter(event_id=event_id, id__in=ids).order_by("id"))


def _fit(bench: _Bench, row: Registration | None, verdict: str, arrived: set[UUID]) -> Registration:
    """Return the registration if the verdict fits its state; refuses why not."""
    if row is None or row.phone is None:  # erased: nobody is there to be decided about
        raise NotFound
    if row.id in arrived:
        raise GuestHasArrived(name=row.name)
    if row.state in {"cancelled", _AFTER[verdict]}:
        raise AlreadyDecided(state=row.state)
    if verdict == "accept":
        bench.seat(row)
    return row


def undo_decision(*, event_id: UUID, decision_id: UUID, now: datetime, actor: Actor) -> Decision:
    """Bring a registration back to where it stood before its last decision, by a new decision; the guest is told.

    Seats stay exact: who was accepted before takes one again, who is so no longer gives it back to the waitlist (which does
    not take him up again in the same breath). Refuses `not_found`, `decision_undone`, `decision_not_last`,
    `guest_has_arrived`, `event_full`, `quota_reached`. Source: spec/events.md, step 3.
    """
    seats = lock_seats(event_id)
    lock_door(event_id)
    old = Decision.objects.filter(event_id=event_id, id=decision_id).first()
    if old is None:
        raise NotFound
    if Decision.objects.filter(event_id=event_id, undoes=old.id).exists():
        raise DecisionUndone
    row = lock_registration(event_id, old.registration_id)
    if row.phone is None:  # erased
        raise NotFound
    last = Decision.objects.filter(event_id=event_id, registration_id=row.id).order_by("-at", "-id").first()
    if last is None or last.id != old.id or row.state != old.after:
        raise DecisionNotLast
    check_not_arrived(row)
    event_row = get_event(event_id, now=now)
    if old.before == "accepted":
        _Bench(seats, standing_of(event_row), taken=0).seat(row)
        assert take_seats(event_id, 1), "the seats are locked"
    move = Move(by="person", undoes=old.id)
    [decision] = move_registrations(event_row.event, [(row, old.before, move)], now=now, actor=actor)
    if old.after == "accepted":
        free_seats(event_id, 1)
        fill_from_waitlist(event_id=event_id, but=[row.id], now=now, actor=actor)
    return decision


def undo_decisions(*, event_id: UUID, decision_id: UUID, now: datetime, actor: Actor) -> Decided:
    """Undo all that was decided together with this decision; each stands for itself, as `undo_decision` says.

    Refuses `not_found`.
    """
    old = Decision.objects.filter(event_id=event_id, id=decision_id).first()
    if old is None:
        raise NotFound
    same = Decision.objects.filter(
        event_id=event_id, at=old.at, actor=old.actor, by=old.by, after=old.after, undoes__isnull=True
    )
    decisions: list[Decision] = []
    refused: dict[UUID, Refusal] = {}
    for one in same.order_by("-id")[:MOST_AT_ONCE]:
        try:
            decisions.append(undo_decision(event_id=event_id, decision_id=one.id, now=now, actor=actor))
        except Refusal as refusal:
            refused[one.registration_id] = refusal
    return Decided(decisions, refused)


def publish_policy(*, event_id: UUID, rules: Mapping[str, Any], now: datetime, actor: Actor) -> ReviewPolicy:
    """Publish a new revision of the review policy; the event is reviewed by rules from now on, earlier decisions stay.

    Refuses `not_found`, `review_policy_invalid` (naming the rule), `quota_needs_capacity`. Source: spec/events.md, step 3.
    """
    seats = lock_seats(event_id)
    try:
        policy = parse_policy(rules)
    except ValueError as fault:
        raise PolicyInvalid(place=str(fault)) from None
    asked = {str(one.id) for one in questions_of(event_id, retired=True)}
    for place, rule in enumerate(policy.rules, 1):
        if any(one.question not in {"", *asked} for one in rule.when):
            raise PolicyInvalid(place=f"rule {place}")
    for place, quota in enumerate(policy.quotas, 1):
        if quota.question not in asked:
            raise PolicyInvalid(place=f"quota {place}")
        if quota.percent is not None and seats.capacity is None:
            raise QuotaNeedsCapacity
    event = get_event(event_id, now=now).event
    last = find_policy_row(event_id)
    if event.review != "rules":
        event.review, event.changed_at = "rules", now
        event.save(update_fields=["review", "changed_at"])
    return ReviewPolicy.objects.create(
        event_id=event_id,
        revision=last.revision + 1 if last else 1,
        rules=written_policy(policy),
        since=now,
        actor=actor.name,
    )


def apply_policy(*, event_id: UUID, now: datetime, actor: Actor) -> Decided:
    """Let the published rules decide the pending registrations, who came first first; at most 2,000 at once.

    Refuses `not_found`.
    """
    seats = lock_seats(event_id)
    row = get_event(event_id, now=now)
    bench = _Bench(seats, standing_of(row), taken=0)
    pending = list(
        Registration.objects.select_for_update()
        .filter(event_id=event_id, state="pending")
        .order_by("registered_at", "id")[:MOST_AT_ONCE]
    )
    moves = _by_rule(row, bench, pending, now=now)
    assert take_seats(event_id, bench.taken), "the seats are locked"
    return Decided(move_registrations(row.event, moves, now=now, actor=actor), {})


def _by_rule(row: EventRow, bench: _Bench, pending: Sequence[Registration], *, now: datetime) -> Moves:
    standing = bench.standing
    answers = {one.person_id: one.answers for one in pending}
    facts = facts_by_person(row.event, answers, policy=standing.policy, now=now)
    moves: Moves = []
    for one in pending:
        verdict = verdict_of(
            standing.policy, facts[one.person_id], standing.counts, capacity=bench.seats.capacity
        )
        if verdict.then == "hand":
            continue
        after, rule = _AFTER[verdict.then], verdict.rule
        if verdict.then == "accept":
            try:
                bench.seat(one)
            except EventFull:
                after, rule = "waitlisted", "full"
        how = Move(by="rule", reason=verdict.reason, rule=rule, revision=standing.revision)
        moves.append((one, after, how))
    return moves
