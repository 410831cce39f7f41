"""One registration as its organiser sees it: answers, level, past attendance, the history of decisions; files as downloads."""

from typing import Any
from uuid import UUID

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.urls import URLPattern, path
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from tessera.events.answering import answer_file_path
from tessera.events.gate import EventPlace, enter_event
from tessera.events.models import Decision, Registration
from tessera.events.pages.registering_forms import answers_of
from tessera.events.pages.states import state_word
from tessera.events.queries.registrations import (
    answer_files_by_id,
    count_ahead,
    find_arrival,
    get_answer_file,
    get_registration,
)
from tessera.events.queries.reviewing import Past, list_decisions, past_of, questions_of
from tessera.events.rules.door import event_topic, shown_number
from tessera.kit import clock
from tessera.kit.errors import NotFound
from tessera.kit.ids import InvalidId, parse_id, show_id
from tessera.kit.live import hear_also
from tessera.kit.pages import page, signed_in
from tessera.merchants.queries import find_level

__all__ = ["shown_registration", "urlpatterns"]


@require_safe
@signed_in
def registration(request: HttpRequest, event: str, registration: str) -> HttpResponse:
    """Show one registration."""
    place = enter_event(request, event)
    hear_also(request, event_topic(place.event.id))
    shown = shown_registration(request, place, parse_id("reg", registration))
    return page(request, "events/reviewing_registration.html", shown)


def shown_registration(request: HttpRequest, place: EventPlace, registration_id: UUID) -> dict[str, Any]:
    """Return what the page of one registration shows; refuses `not_found`."""
    row = get_registration(place.event.id, registration_id)
    arrival = find_arrival(row)
    past = past_of(place.event.merchant_id, [row.person_id], now=clock.now()).get(row.person_id, Past())
    level = find_level(place.event.merchant_id, row.person_id) if place.event.merchant_id else None
    return {
        "frame": place.frame,
        "workplace": place.workplace,
        "face": "events",
        "place": place,
        "event": place.event,
        "row": row,
        "state": "arrived" if arrival else row.state,
        "word": state_word("arrived" if arrival else row.state),
        "arrival": arrival,
        "number": _number(place, arrival) if arrival else "",
        "answers": _answers(row),
        "decisions": [_said(one) for one in list_decisions(row.event_id, row.id)],
        "past": past,
        "level": level,
        "ahead": count_ahead(row) if row.state == "waitlisted" and row.waitlisted_at else None,
        "undo": request.GET.get("undo", "")[:40],
    }


def _number(place: EventPlace, arrival: Any) -> str:
    return shown_number(arrival.number, prefix=arrival.prefix, width=place.event.number_width)


def _answers(row: Registration) -> list[dict[str, str]]:
    files = answer_files_by_id(row.event_id, row.person_id)
    told = []
    for question, value in answers_of(questions_of(row.event_id, retired=True), row.answers):
        file = files.get(_file_id(value)) if question.kind == "file" else None
        words = "、".join(value) if isinstance(value, list) else str(value)
        address = f"/answers/{show_id('ans', file.id)}" if file else ""
        told.append({"label": question.label, "said": file.file_name if file else words, "address": address})
    return told


def _file_id(value: Any) -> UUID:
    try:
        return parse_id("ans", str(value))
    except InvalidId:
        return UUID(int=0)


def _said(one: Decision) -> dict[str, Any]:
    by = {
        "person": gettext("by a reviewer"),
        "guest": gettext("by the guest"),
        "waitlist": gettext("moved up from the waitlist"),
        "rule": gettext("by rule"),
    }[one.by]
    if one.rule == "full":
        by = gettext("all places were taken")
    elif one.rule.startswith("quota "):
        by = gettext("quota %s is used up") % one.rule.removeprefix("quota ")
    elif one.rule:
        by = gettext("by rule %(rule)s of revision %(revision)s") % {
            "rule": one.rule,
            "revision": one.policy_revision or "·",
        }
    return {
        "row": one,
        "before": state_word(one.before),
        "after": state_word(one.after),
        "by": gettext("undone") if one.undoes else by,
    }


@require_safe
@signed_in
def answer(request: HttpRequest, event: str, answer: str) -> HttpResponseBase:
    """Hand out a file that was given as an answer: to the organiser alone, never shown inside a page."""
    place = enter_event(request, event)
    row = get_answer_file(place.event.id, parse_id("ans", answer))
    kept = answer_file_path(row.stored)
    if not kept.is_file():
        raise NotFound
    response = FileResponse(
        kept.open("rb"), as_attachment=True, filename=row.file_name, content_type="application/octet-stream"
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Cache-Control"] = "private, no-store"
    return response


urlpatterns: list[URLPattern] = [
    path("organise/<str:event>/registrations/<str:registration>", registration),
    path("organise/<str:event>/answers/<str:answer>", answer),
]
