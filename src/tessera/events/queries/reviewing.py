"""What review looks at: the policy in force, how full its quotas are, what is known of those who register."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Count, Exists, OuterRef, Q

from tessera.events.models import Arrival, Decision, Event, Question, Registration, ReviewPolicy
from tessera.events.queries.events import EventRow
from tessera.events.rules.kept_policies import parse_policy
from tessera.events.rules.reviewing import Facts, Policy, has_answer
from tessera.merchants.queries import list_customers

__all__ = [
    "Past",
    "Standing",
    "count_states",
    "facts_by_person",
    "find_policy_row",
    "list_decisions",
    "list_policies",
    "past_of",
    "questions_of",
    "standing_of",
]

_MOST_POLICIES = 50


@dataclass(slots=True)
class Standing:
    """The policy in force (of an event reviewed by rules; else one without rules), its revision, its quotas' counts."""

    policy: Policy
    revision: int | None
    counts: list[int]

    def count(self, answers: Mapping[str, Any], *, by: int = 1) -> None:
        """Count a guest who was accepted (`by`=-1: who is so no longer)."""
        for place, quota in enumerate(self.policy.quotas):
            self.counts[place] += by * has_answer(answers, quota)


@dataclass(frozen=True, slots=True)
class Past:
    """How often a person came to the organiser's earlier events, and how often not though accepted."""

    attended: int = 0
    no_shows: int = 0


def find_policy_row(event_id: UUID) -> ReviewPolicy | None:
    """Return the review policy published last, or None."""
    return ReviewPolicy.objects.filter(event_id=event_id).order_by("-revision").first()


def list_policies(event_id: UUID) -> Sequence[ReviewPolicy]:
    """Return the revisions of the policy, the last first; at most 50."""
    return list(ReviewPolicy.objects.filter(event_id=event_id).order_by("-revision")[:_MOST_POLICIES])


def standing_of(row: EventRow, policy: Policy | None = None) -> Standing:
    """Return how the event's policy stands, or how another `policy` would; exact for who holds the event's seats."""
    revision = None
    if policy is None:
        policy = Policy(otherwise="accept" if row.event.review == "automatic" else "hand")
        kept = find_policy_row(row.event.id) if row.event.review == "rules" else None
        if kept is not None:
            policy, revision = parse_policy(kept.rules), kept.revision
    return Standing(policy, revision, _counts(row.event.id, policy))


def _counts(event_id: UUID, policy: Policy) -> list[int]:
    accepted = Registration.objects.filter(event_id=event_id, state="accepted")
    if not policy.quotas:
        return []
    asked = {
        f"quota_{place}": Count(
            "id",
            filter=Q(answers__contains={quota.question: quota.answer})
            | Q(answers__contains={quota.question: [quota.answer]}),
        )
        for place, quota in enumerate(policy.quotas)
    }
    found = accepted.aggregate(**asked)
    return [found[f"quota_{place}"] for place in range(len(policy.quotas))]


def questions_of(event_id: UUID, *, retired: bool = False) -> Sequence[Question]:
    """Return what the event asks, in order; `retired`: also what it asked before."""
    rows = Question.objects.filter(event_id=event_id).order_by("position", "id")
    return list(rows if retired else rows.filter(retired_at__isnull=True))


def facts_by_person(
    event: Event, answers: Mapping[UUID, Mapping[str, Any]], *, policy: Policy, now: datetime
) -> dict[UUID, Facts]:
    """Return what is known of each person (id -> answers); only what the policy's conditions ask for is looked up."""
    asked = {condition.of for rule in policy.rules for condition in rule.when}
    ids, day = list(answers), event.starts_at.astimezone(ZoneInfo(event.time_zone)).date()
    customers = _customers(event.merchant_id, ids) if asked & {"level", "member_since"} else {}
    past = past_of(event.merchant_id, ids, now=now) if asked & {"attended", "no_shows"} else {}
    facts = {}
    for person_id, given in answers.items():
        level, since = customers.get(person_id, ("", None))
        been = past.get(person_id, Past())
        facts[person_id] = Facts(given, day, level, since, been.attended, been.no_shows)
    return facts


def _customers(merchant_id: UUID | None, person_ids: Sequence[UUID]) -> dict[UUID, tuple[str, date | None]]:
    if merchant_id is None or not person_ids:
        return {}
    rows = list_customers(merchant_id, person_ids=person_ids, limit=len(person_ids)).items
    return {row.customer.person_id: (row.customer.level, row.customer.joined_at.date()) for row in rows}


def past_of(merchant_id: UUID | None, person_ids: Collection[UUID], *, now: datetime) -> dict[UUID, Past]:
    """Return how each person kept to the organiser's events that are over (None: the platform's own)."""
    organiser = Q(merchant__isnull=True) if merchant_id is None else Q(merchant_id=merchant_id)
    over = Event.objects.filter(organiser, ends_at__lt=now, publication__isnull=False)
    held = over.filter(cancellation__isnull=True).values("id")
    ids = list(person_ids)
    came = Counter(
        Arrival.objects.filter(person_id__in=ids, event_id__in=held).values_list("person_id", flat=True)
    )
    here = Arrival.objects.filter(event_id=OuterRef("event_id"), registration_id=OuterRef("id"))
    accepted = Registration.objects.filter(person_id__in=ids, event_id__in=held, state="accepted")
    missed = Counter(accepted.filter(~Exists(here)).values_list("person_id", flat=True))
    return {person_id: Past(came[person_id], missed[person_id]) for person_id in {*came, *missed}}


def count_states(event_id: UUID) -> dict[str, int]:
    """Return how many registrations are in each state."""
    rows = Registration.objects.filter(event_id=event_id).values_list("state").annotate(n=Count("id"))
    return dict(rows.order_by())


def list_decisions(event_id: UUID, registration_id: UUID) -> Sequence[Decision]:
    """Return what was decided about a registration, the last first; at most 100."""
    rows = Decision.objects.filter(event_id=event_id, registration_id=registration_id)
    return list(rows.order_by("-at", "-id")[:100])
