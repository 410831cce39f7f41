"""What the registration asks: questions are added, changed, ordered and retired (spec/events.md, step 1)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from tessera.events.actions.publishing import lock_event
from tessera.events.errors.door import EventCancelled, EventOver
from tessera.events.errors.publishing import QuestionInvalid, QuestionRetired, TooManyQuestions
from tessera.events.models import Event, Question
from tessera.events.queries.events import get_event
from tessera.events.queries.publishing import asked_questions, get_question, is_answered
from tessera.events.rules.questions import MOST_QUESTIONS, TermsFault, checked_terms, goes_on
from tessera.kit.actors import Actor

__all__ = [
    "add_question",
    "change_question",
    "move_question",
    "order_questions",
    "replace_questions",
    "retire_question",
]

_LONGEST_LABEL = 200
_LONGEST_NOTE = 500


def add_question(
    *,
    event_id: UUID,
    kind: str,
    label: str,
    note: str = "",
    required: bool = False,
    terms: Mapping[str, Any] | None = None,
    now: datetime,
    actor: Actor,
) -> Question:
    """Ask one more question, the last in order; `terms` as rules.questions.checked_terms wants them.

    Refuses `not_found`, `event_cancelled`, `event_over`, `question_invalid`, `too_many_questions`.
    """
    event = _open_event(event_id, now)
    asked = asked_questions(event_id)
    if len(asked) >= MOST_QUESTIONS:
        raise TooManyQuestions(most=MOST_QUESTIONS)
    position = 1 + max((one.position for one in asked), default=0)
    return _ask(event, position, kind=kind, label=label, note=note, required=required, terms=terms or {})


def change_question(
    *, event_id: UUID, question_id: UUID, changes: Mapping[str, Any], now: datetime, actor: Actor
) -> Question:
    """Change any of kind, label, note, required and terms of a question; return the question that is asked now.

    One that was answered keeps its words and terms, so that answers keep their question: it is retired and another one takes
    its place, unless only its note, whether it is required, or more choices have changed. Refuses `not_found`,
    `event_cancelled`, `event_over`, `question_retired`, `question_invalid`.
    """
    event = _open_event(event_id, now)
    before = _asked_now(event_id, question_id)
    after = {name: changes.get(name, getattr(before, name)) for name in ("kind", "label", "note", "required")}
    kind, label = str(after["kind"]), str(after["label"])
    terms = _checked(kind, label, changes.get("terms", before.terms))
    same = kind == before.kind and label.strip() == before.label
    if (same and (terms == before.terms or goes_on(kind, before.terms, terms))) or not is_answered(before):
        before.kind, before.label, before.terms = kind, label.strip(), terms
        before.note, before.required = str(after["note"]).strip()[:_LONGEST_NOTE], bool(after["required"])
        before.save(update_fields=["kind", "label", "note", "required", "terms"])
        _keep_groups(event, before, before)
        return before
    before.retired_at = now
    before.save(update_fields=["retired_at"])
    other = _ask(event, before.position, **{**after, "terms": terms})
    _keep_groups(event, before, other)
    return other


def retire_question(*, event_id: UUID, question_id: UUID, now: datetime, actor: Actor) -> Question:
    """Ask the question no more; answers to it stay. Where it made the groups, guests to come have none.

    Refuses `not_found`, `event_cancelled`, `event_over`, `question_retired`.
    """
    event = _open_event(event_id, now)
    question = _asked_now(event_id, question_id)
    question.retired_at = now
    question.save(update_fields=["retired_at"])
    _keep_groups(event, question, None)
    return question


def order_questions(
    *, event_id: UUID, question_ids: Sequence[UUID], now: datetime, actor: Actor
) -> list[Question]:
    """Ask the questions in that order, which names each of them once.

    Refuses `not_found`, `event_cancelled`, `event_over`, `question_invalid`.
    """
    _open_event(event_id, now)
    asked = {one.pk: one for one in asked_questions(event_id)}
    if sorted(question_ids) != sorted(asked):
        raise QuestionInvalid(why="order")
    ordered = [asked[one] for one in question_ids]
    for position, question in enumerate(ordered, 1):
        question.position = position
    Question.objects.bulk_update(ordered, ["position"])
    return ordered


def move_question(
    *, event_id: UUID, question_id: UUID, earlier: bool, now: datetime, actor: Actor
) -> list[Question]:
    """Ask the question one place earlier or later; the first and the last stay where they are. Refuses as its elders."""
    order = [one.pk for one in asked_questions(event_id)]
    _asked_now(event_id, question_id)
    place = order.index(question_id)
    other = place - 1 if earlier else place + 1
    if 0 <= other < len(order):
        order[place], order[other] = order[other], order[place]
    return order_questions(event_id=event_id, question_ids=order, now=now, actor=actor)


def replace_questions(
    *, event_id: UUID, questions: Sequence[Mapping[str, Any]], now: datetime, actor: Actor
) -> list[Question]:
    """Ask these questions (kind, label, note, required, terms) instead of those before, which are retired.

    Refuses as `add_question`; all of it or nothing.
    """
    event = _open_event(event_id, now)
    if len(questions) > MOST_QUESTIONS:
        raise TooManyQuestions(most=MOST_QUESTIONS)
    for before in asked_questions(event_id):
        before.retired_at = now
        before.save(update_fields=["retired_at"])
        _keep_groups(event, before, None)
    return [
        _ask(
            event,
            position,
            kind=one["kind"],
            label=one["label"],
            note=one.get("note", ""),
            required=one.get("required", False),
            terms=one.get("terms", {}),
        )
        for position, one in enumerate(questions, 1)
    ]


def _open_event(event_id: UUID, now: datetime) -> Event:
    event = lock_event(event_id)
    status = get_event(event_id, now=now).status
    if status == "cancelled":
        raise EventCancelled
    if status == "over":
        raise EventOver
    return event


def _asked_now(event_id: UUID, question_id: UUID) -> Question:
    question = get_question(event_id, question_id)
    if question.retired_at is not None:
        raise QuestionRetired
    return question


def _checked(kind: str, label: str, terms: Mapping[str, Any]) -> dict[str, Any]:
    if not label.strip() or len(label.strip()) > _LONGEST_LABEL:
        raise QuestionInvalid(why="label")
    try:
        return checked_terms(kind, terms)
    except TermsFault as fault:
        raise QuestionInvalid(why=str(fault)) from None


def _ask(
    event: Event, position: int, *, kind: str, label: str, note: str, required: bool, terms: Mapping[str, Any]
) -> Question:
    return Question.objects.create(
        event=event,
        position=position,
        kind=kind,
        label=label.strip(),
        note=note.strip()[:_LONGEST_NOTE],
        required=required,
        terms=_checked(kind, label, terms),
    )


def _keep_groups(event: Event, before: Question, after: Question | None) -> None:
    """Let groups come from the question that took the other's place, if it is one with one choice; else from none.

    Prefixes stay for the groups that guests are in already.
    """
    if event.group_question != before.pk:
        return
    fits = after is not None and after.kind == "choice"
    event.group_question = after.pk if after is not None and fits else None
    event.save(update_fields=["group_question"])
