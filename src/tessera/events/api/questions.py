"""Questions of an event over the API: asked, changed, retired."""

from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpResponse
from ninja import Router
from pydantic import BaseModel, Field, StringConstraints

from tessera.events.actions.questions import add_question, change_question, retire_question
from tessera.events.gate import api_event
from tessera.events.models import Question
from tessera.events.queries.publishing import asked_questions
from tessera.kit.actors import Actor
from tessera.kit.edge import Done, KnownRequest, answer, answer_write, require
from tessera.kit.fields import Body, ListOut, Name, Text
from tessera.kit.ids import parse_id, show_id

__all__ = ["router"]

router = Router(tags=["events"])

Kind = Literal["text", "choice", "choices", "number", "date", "file"]
Choice = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]


class Terms(Body):
    """What an answer may be; which of these a question has depends on its kind.

    text: `longest`, `lines`; choice: `choices`; choices: `choices`, `least`, `most`; number: `least`, `most`; date: `earliest`,
    `latest` (ISO 8601); file: `kinds` ("pdf", "picture"), `most_mb`.
    """

    longest: int | None = None
    lines: bool | None = None
    choices: Annotated[list[Choice], Field(max_length=60)] | None = None
    least: int | None = None
    most: int | None = None
    earliest: Name | None = None
    latest: Name | None = None
    kinds: list[Literal["pdf", "picture"]] | None = None
    most_mb: int | None = None


class QuestionIn(Body):
    """A question to ask."""

    kind: Kind
    label: Name
    note: Text = ""
    required: bool = False
    terms: Terms = Terms()


class QuestionChanges(Body):
    """What of a question is to be different."""

    kind: Kind | None = None
    label: Name | None = None
    note: Text | None = None
    required: bool | None = None
    terms: Terms | None = None


class QuestionOut(BaseModel):
    """A question of the registration, in its order."""

    id: str
    position: int
    kind: str
    label: str
    note: str
    required: bool
    terms: dict[str, Any]
    retired_at: datetime | None


def _shown(question: Question) -> QuestionOut:
    return QuestionOut(
        id=show_id("qst", question.pk),
        position=question.position,
        kind=question.kind,
        label=question.label,
        note=question.note,
        required=question.required,
        terms=question.terms,
        retired_at=question.retired_at,
    )


@router.get("/events/{event}/questions", response=ListOut[QuestionOut], summary="List an event's questions")
def list_questions(request: KnownRequest, event: str, *, retired: bool = False) -> HttpResponse:
    """At most 40 that are asked; `retired`: those that no longer are. Needs the scope `events:read`."""
    row = api_event(require(request, "events:read"), event)
    items = [_shown(one) for one in asked_questions(row.event.pk, retired=retired)]
    return answer(ListOut[QuestionOut](items=items, next_cursor=None))


@router.post("/events/{event}/questions", response={201: QuestionOut}, summary="Ask a question")
def create_question(request: KnownRequest, event: str, body: QuestionIn) -> HttpResponse:
    """It is asked last. Needs the scope `events:write`."""

    def act(actor: Actor, now: datetime) -> Done:
        row = api_event(actor, event)
        asked = add_question(
            event_id=row.event.pk,
            kind=body.kind,
            label=body.label,
            note=body.note,
            required=body.required,
            terms=body.terms.model_dump(exclude_none=True),
            now=now,
            actor=actor,
        )
        return Done(body=_shown(asked), object_id=asked.pk, merchant_id=row.event.merchant_id)

    return answer_write(request, act, verb="add_question", kind="question", scope="events:write")


@router.patch("/events/{event}/questions/{question}", response=QuestionOut, summary="Change a question")
def patch_question(request: KnownRequest, event: str, question: str, body: QuestionChanges) -> HttpResponse:
    """One that was answered is retired and another takes its place: look at the `id`. Needs the scope `events:write`."""
    question_id = parse_id("qst", question)

    def act(actor: Actor, now: datetime) -> Done:
        row = api_event(actor, event)
        changes = body.model_dump(exclude_none=True)
        changed = change_question(
            event_id=row.event.pk, question_id=question_id, changes=changes, now=now, actor=actor
        )
        return Done(body=_shown(changed), object_id=changed.pk, merchant_id=row.event.merchant_id, status=200)

    return answer_write(
        request, act, verb="change_question", kind="question", scope="events:write", object_id=question_id
    )


@router.post(
    "/events/{event}/questions/{question}/retirement",
    response={201: QuestionOut},
    summary="Ask a question no longer",
)
def create_retirement(request: KnownRequest, event: str, question: str) -> HttpResponse:
    """Its answers stay. Needs the scope `events:write`."""
    question_id = parse_id("qst", question)

    def act(actor: Actor, now: datetime) -> Done:
        row = api_event(actor, event)
        retired = retire_question(event_id=row.event.pk, question_id=question_id, now=now, actor=actor)
        return Done(body=_shown(retired), object_id=retired.pk, merchant_id=row.event.merchant_id)

    return answer_write(
        request, act, verb="retire_question", kind="question", scope="events:write", object_id=question_id
    )
