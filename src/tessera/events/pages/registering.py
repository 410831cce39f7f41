"""A guest registers for an event, sees how the registration stands, changes the answers, cancels."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from tessera.events.actions.answers import keep_answer_file
from tessera.events.actions.changing import cancel_registration, change_answers
from tessera.events.actions.registering import register_guest
from tessera.events.answering import answer_file_path
from tessera.events.models import Question, Registration
from tessera.events.pages.publishing_words import span_of
from tessera.events.pages.registering_forms import GuestForm, answers_of
from tessera.events.queries.events import EventRow, get_event
from tessera.events.queries.registrations import (
    answer_files_by_id,
    count_ahead,
    find_arrival,
    find_decision_reason,
    find_registration,
)
from tessera.events.queries.reviewing import questions_of
from tessera.events.rules.answers import REGISTRATION_TEXT
from tessera.events.rules.door import shown_number
from tessera.kit import clock
from tessera.kit.actors import Actor
from tessera.kit.errors import NotFound
from tessera.kit.ids import parse_id, show_id
from tessera.kit.pages import Did, do_once, on_form, page, person_actor, signed_in
from tessera.kit.refusals import Refusal
from tessera.people.queries import get_person

__all__ = ["urlpatterns"]

_INVALID = 422


def _entered(request: HttpRequest, event: str) -> tuple[EventRow, UUID]:
    """Return the event and who reads; a draft is nobody's to see here."""
    row = get_event(parse_id("evt", event), now=clock.now())
    if row.status == "draft":
        raise NotFound
    return row, UUID(str(request.user.pk))


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def registration(request: HttpRequest, event: str) -> HttpResponse:
    """Register, or see how the registration stands; with `?change=1` change its answers while nobody has decided."""
    row, person_id = _entered(request, event)
    own = find_registration(row.event.id, person_id)
    changing = own is not None and own.state == "pending" and "change" in request.GET
    stands = own is not None and own.state != "cancelled"
    if (
        request.method == "POST"
    ):  # where a registration stands, the same form once more goes where the first one went
        return _posted(request, row, person_id, own if changing else None)
    if own is not None and stands and not changing:
        return page(request, "events/registering_standing.html", _standing(row, own))
    form = _form(request, row, person_id, own if changing else None)
    return page(request, "events/registering.html", _asking(row, form, changing=changing))


def _form(request: HttpRequest, row: EventRow, person_id: UUID, own: Registration | None) -> GuestForm:
    posted = request.method == "POST"
    return GuestForm(
        questions_of(row.event.id),
        request.POST if posted else None,
        request.FILES if posted else None,
        consent=own is None,
        before=own.answers if own else None,
        name=own.name if own else get_person(person_id).nickname,
    )


def _asking(row: EventRow, form: GuestForm, *, changing: bool) -> dict[str, Any]:
    now, event = clock.now(), row.event
    closed = ""
    if row.status in {"cancelled", "over"}:
        closed = row.status
    elif not changing and now < event.registration_from:
        closed = "not_open"
    elif not changing and now > event.registration_until:
        closed = "closed"
    return {
        "face": "events",
        "row": row,
        "event": event,
        "span": span_of(event),
        "form": form,
        "changing": changing,
        "closed": closed,
        "full": row.capacity is not None and row.taken >= row.capacity,
    }


def _posted(request: HttpRequest, row: EventRow, person_id: UUID, own: Registration | None) -> HttpResponse:
    form, status = _form(request, row, person_id, own), _INVALID
    if form.is_valid():
        keeping: list[str] = []
        stored: list[str] = []

        def act(actor: Actor, now: datetime) -> Did:
            kept = _files(form, person_id, keeping, stored, now=now, actor=actor)
            answers = {**{k: v for k, v in form.given().items() if v != "ans_"}, **kept}
            return (_change if own else _register)(row, own, person_id, form, answers, now, actor)

        try:
            return do_once(request, act, actor=person_actor(request), verb="register_guest", kind="event")
        except Refusal as refusal:
            status = refusal.status
            for one in stored:  # their rows were rolled back
                answer_file_path(one).unlink(missing_ok=True)
            where = f"q-{keeping[-1]}" if refusal.code.startswith("answer_file") and keeping else None
            on_form(form, refusal, where)
    return page(
        request, "events/registering.html", _asking(row, form, changing=own is not None), status=status
    )


def _files(
    form: GuestForm, person_id: UUID, keeping: list[str], stored: list[str], *, now: datetime, actor: Actor
) -> dict[str, str]:
    """Keep what is uploaded; `keeping` names the question that is being read, for where a refusal is shown; `stored` what to drop then."""
    kept: dict[str, str] = {}
    for question, file in form.uploads().items():
        keeping.append(str(question.id))
        file.seek(0)
        row = keep_answer_file(
            question=question, person_id=person_id, file_name=file.name, file=file, now=now, actor=actor
        )
        stored.append(row.stored)
        kept[str(question.id)] = show_id("ans", row.id)
    return kept


def _register(
    row: EventRow,
    _own: Registration | None,
    person_id: UUID,
    form: GuestForm,
    answers: dict[str, Any],
    now: datetime,
    actor: Actor,
) -> Did:
    made = register_guest(
        event_id=row.event.id,
        person_id=person_id,
        answers=answers,
        name=form.cleaned_data["name"],
        text_version=REGISTRATION_TEXT,
        source="web",
        now=now,
        actor=actor,
    )
    done = (
        f"/t/{made.ticket}" if made.state == "accepted" else f"/e/{show_id('evt', row.event.id)}/registration"
    )
    return Did(go=done, object_id=row.event.id, merchant_id=row.event.merchant_id)


def _change(
    row: EventRow,
    own: Registration | None,
    _person_id: UUID,
    form: GuestForm,
    answers: dict[str, Any],
    now: datetime,
    actor: Actor,
) -> Did:
    assert own is not None, "there is something to change"
    change_answers(
        event_id=row.event.id,
        registration_id=own.id,
        answers=answers,
        name=form.cleaned_data["name"],
        now=now,
        actor=actor,
    )
    return Did(
        go=f"/e/{show_id('evt', row.event.id)}/registration",
        object_id=row.event.id,
        merchant_id=row.event.merchant_id,
        say=gettext("Your answers are changed."),
    )


def _standing(row: EventRow, own: Registration) -> dict[str, Any]:
    arrival = find_arrival(own)
    questions = questions_of(row.event.id, retired=True)
    return {
        "face": "events",
        "row": row,
        "event": row.event,
        "span": span_of(row.event),
        "registration": own,
        "state": "arrived" if arrival else own.state,
        "shown": _shown(row, arrival.number, arrival.prefix) if arrival else "",
        "reason": find_decision_reason(own),
        "ahead": count_ahead(own) if own.state == "waitlisted" and own.waitlisted_at else None,
        "answers": _readable(questions, own),
    }


def _shown(row: EventRow, number: int, prefix: str) -> str:
    return shown_number(number, prefix=prefix, width=row.event.number_width)


def _readable(questions: Sequence[Question], own: Registration) -> list[tuple[str, str]]:
    files = {
        show_id("ans", key): one.file_name
        for key, one in answer_files_by_id(own.event_id, own.person_id).items()
    }
    told = []
    for question, value in answers_of(questions, own.answers):
        words = "、".join(value) if isinstance(value, list) else str(value)
        told.append((question.label, files.get(words, words) if question.kind == "file" else words))
    return told


@require_POST
@signed_in
def cancellation(request: HttpRequest, event: str) -> HttpResponse:
    """Cancel the own registration; the place goes to the waitlist at once."""
    row, person_id = _entered(request, event)
    own = find_registration(row.event.id, person_id)
    if own is None:
        raise NotFound

    def act(actor: Actor, now: datetime) -> Did:
        cancel_registration(event_id=row.event.id, registration_id=own.id, now=now, actor=actor)
        return Did(
            go=f"/e/{show_id('evt', row.event.id)}",
            object_id=row.event.id,
            merchant_id=row.event.merchant_id,
            say=gettext("Your registration is cancelled."),
        )

    return do_once(request, act, actor=person_actor(request), verb="cancel_registration", kind="event")


urlpatterns: list[URLPattern] = [
    path("e/<str:event>/registration", registration),
    path("e/<str:event>/registration/cancellation", cancellation),
]
