"""An event is drafted anew from an earlier one."""

import json
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from tessera.events.actions.publishing import DESCRIBED, draft_event
from tessera.events.models import Event, Question, ReviewPolicy
from tessera.events.queries.events import get_event
from tessera.events.queries.publishing import asked_questions
from tessera.kit.actors import Actor

__all__ = ["copy_event"]

_A_WEEK = timedelta(days=7)
_TIMES = ("starts_at", "ends_at", "doors_at", "registration_until")


def copy_event(*, event_id: UUID, now: datetime, actor: Actor) -> Event:
    """Draft the same event on the next same weekday at the same hour that is at least a day away.

    Questions, review rules, badge and circle come along; guests, crew and numbers do not. Refuses `not_found`.
    """
    row = get_event(event_id, now=now)
    old = row.event
    weeks = _weeks_until(old, now)
    described: dict[str, Any] = {
        name: getattr(old, name) for name in DESCRIBED if name not in {"title", "group_question", *_TIMES}
    }
    times = {name: _later(getattr(old, name), weeks, old.time_zone) for name in _TIMES}
    described["registration_from"] = min(now, times["registration_until"])
    new = draft_event(
        merchant_id=old.merchant_id,
        title=old.title,
        capacity=row.capacity,
        picture=old.picture,
        now=now,
        actor=actor,
        **(described | times),
    )
    names = _copy_questions(old, new)
    new.badge = dict(old.badge)
    new.group_question = names.get(old.group_question) if old.group_question else None
    new.save(update_fields=["badge", "group_question"])
    _copy_policy(old, new, names, now=now, actor=actor)
    return new


def _weeks_until(event: Event, now: datetime) -> int:
    weeks = max(0, (now - event.starts_at) // _A_WEEK)
    while _later(event.starts_at, weeks, event.time_zone) < now + timedelta(days=1):
        weeks += 1
    return weeks


def _later(moment: datetime, weeks: int, time_zone: str) -> datetime:
    """Return the same hour on the same weekday, so many weeks later, by the clocks of the place."""
    there = moment.astimezone(ZoneInfo(time_zone))
    return (there + weeks * _A_WEEK).astimezone(moment.tzinfo)


def _copy_questions(old: Event, new: Event) -> dict[UUID, UUID]:
    names = {}
    for one in asked_questions(old.pk):
        made = Question.objects.create(
            event=new,
            position=one.position,
            kind=one.kind,
            label=one.label,
            note=one.note,
            required=one.required,
            terms=one.terms,
        )
        names[one.pk] = made.pk
    return names


def _copy_policy(old: Event, new: Event, names: dict[UUID, UUID], *, now: datetime, actor: Actor) -> None:
    """Take over the review rules; they name questions by id, so the new ones' take their place."""
    policy = ReviewPolicy.objects.filter(event_id=old.pk).order_by("-revision").first()
    if policy is None:
        return
    written = json.dumps(policy.rules)
    for before, after in names.items():
        written = written.replace(str(before), str(after))
    ReviewPolicy.objects.create(
        event_id=new.pk, revision=1, rules=json.loads(written), since=now, actor=actor.name
    )
