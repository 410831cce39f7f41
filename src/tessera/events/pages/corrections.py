"""Wrong numbers: a guest asks in the circle; the organiser, or a supervisor at the door, decides."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tessera.events.actions.corrections import (
    accept_correction,
    ask_correction,
    refuse_correction,
    swap_correction,
    withdraw_correction,
)
from tessera.events.gate import GuestPlace, enter_circle, enter_door, enter_event
from tessera.events.models import Event
from tessera.events.pages.corrections_forms import AskForm, DecisionForm
from tessera.events.queries.corrections import list_corrections, list_corrections_of_guest, open_among
from tessera.events.rules.door import event_topic, shown_number
from tessera.kit.actors import Actor
from tessera.kit.ids import parse_id, show_id
from tessera.kit.live import hear_also
from tessera.kit.pages import Did, do_once, is_partial, on_form, page, signed_in
from tessera.kit.refusals import Refusal

__all__ = ["urlpatterns"]

_MOST_WAITING = 100
_MOST_HERE = 1_000
_FIELD_OF = {
    "number_is_own": "wanted",
    "number_out_of_range": "wanted",
}


# --- The guest ------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def correction(request: HttpRequest, event: str) -> HttpResponse:
    """Let a guest ask for another number, and follow what becomes of it."""
    place = enter_circle(request, event)
    form = AskForm(request.POST if request.method == "POST" else None)
    status = 200

    def act(actor: Actor, now: datetime) -> Did:
        asked = ask_correction(
            event_id=place.event.id,
            registration_id=place.registration.id,
            wanted_number=form.cleaned_data["wanted"],
            reason=form.cleaned_data["reason"],
            now=now,
            actor=actor,
        )
        return Did(go=f"{place.address}/correction", object_id=asked.id, merchant_id=place.event.merchant_id)

    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                return do_once(request, act, actor=place.actor, verb="ask_correction", kind="correction")
            except Refusal as refusal:
                status = refusal.status
                on_form(form, refusal, _FIELD_OF.get(refusal.code))
    return page(request, "events/corrections_mine.html", _mine(place, form), status=status)


def _mine(place: GuestPlace, form: AskForm) -> dict[str, Any]:
    rows = list_corrections_of_guest(place.event, place.registration.id)
    waiting = next((row for row in rows if row.correction.state == "open"), None)
    arrival = place.arrival
    return {
        "face": "events",
        "place": place,
        "event": place.event,
        "form": form,
        "waiting": waiting,
        "rows": [row for row in rows if row is not waiting],
        "shown": shown_number(arrival.number, prefix=arrival.prefix, width=place.event.number_width),
    }


@require_POST
@signed_in
def withdrawal(request: HttpRequest, event: str, correction: str) -> HttpResponse:
    """Let the guest take his request back."""
    place = enter_circle(request, event)
    correction_id = parse_id("cor", correction)

    def act(actor: Actor, now: datetime) -> Did:
        withdraw_correction(
            event_id=place.event.id,
            correction_id=correction_id,
            registration_id=place.registration.id,
            now=now,
            actor=actor,
        )
        return Did(
            go=f"{place.address}/correction", object_id=correction_id, merchant_id=place.event.merchant_id
        )

    return do_once(
        request,
        act,
        actor=place.actor,
        verb="withdraw_correction",
        kind="correction",
        object_id=correction_id,
    )


# --- Who decides ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Desk:
    """Where corrections are decided: by whom, at which addresses, in which frame."""

    actor: Actor
    event: Event
    address: str
    may_write: bool
    shown: dict[str, Any]


def _organiser(request: HttpRequest, event: str, *, need: str = "events:read") -> _Desk:
    place = enter_event(request, event, need=need)
    shown = {"frame": place.frame, "workplace": place.workplace, "face": "events", "place": place}
    return _Desk(place.actor, place.event, f"{place.address}/corrections", place.may_write, shown)


def _supervisor(request: HttpRequest, event: str) -> _Desk:
    place = enter_door(request, event, supervisor=True)
    door = f"/door/{show_id('evt', place.event.id)}"
    shown = {"frame": "events/corrections_door.html", "door": door}
    return _Desk(place.actor, place.event, f"{door}/corrections", may_write=True, shown=shown)


@require_safe
@signed_in
def corrections(request: HttpRequest, event: str) -> HttpResponse:
    """Show the organiser what waits and what was decided."""
    return _queue(request, _organiser(request, event))


@require_safe
@signed_in
def door_corrections(request: HttpRequest, event: str) -> HttpResponse:
    """Show the same to a supervisor at the door."""
    return _queue(request, _supervisor(request, event))


@require_POST
@signed_in
def decision(request: HttpRequest, event: str, correction: str) -> HttpResponse:
    """Let the organiser decide about one."""
    return _decided(request, _organiser(request, event, need="events:write"), correction)


@require_POST
@signed_in
def door_decision(request: HttpRequest, event: str, correction: str) -> HttpResponse:
    """Let a supervisor at the door decide about one."""
    return _decided(request, _supervisor(request, event), correction)


def _queue(
    request: HttpRequest,
    desk: _Desk,
    *,
    tried: UUID | None = None,
    form: DecisionForm | None = None,
    status: int = 200,
) -> HttpResponse:
    hear_also(request, event_topic(desk.event.id))
    shown = {"event": desk.event, "address": desk.address, "may_write": desk.may_write, **desk.shown}
    if is_partial(request) and request.method == "GET" and "after" in request.GET:
        shown |= _newer(request, desk)
        return page(request, "events/corrections_newer.html", shown)
    cursor = request.GET.get("cursor")
    waiting = list_corrections(desk.event, waiting=True, limit=_MOST_WAITING)
    done = list_corrections(desk.event, waiting=False, cursor=cursor, limit=20)
    shown |= {
        "waiting": waiting.items,
        "more_wait": waiting.next_cursor is not None,
        "last": _last(waiting.items),
        "done": done.items,
        "tried": tried,
        "gone": tried is not None and tried not in {row.correction.id for row in waiting.items},
        "form": form,
        "cursor": cursor,
        "next_cursor": done.next_cursor,
        "first_query": "",
        "next_query": f"cursor={done.next_cursor}",
    }
    return page(request, "events/corrections.html", shown, status=status)


def _last(rows: Any) -> str:
    return show_id("cor", rows[-1].correction.id) if rows else ""


def _newer(request: HttpRequest, desk: _Desk) -> dict[str, Any]:
    """What has come since the page was made, and what was decided elsewhere and leaves it."""
    given = request.GET["after"]
    after = parse_id("cor", given) if given else None
    waiting = list_corrections(desk.event, waiting=True, limit=_MOST_WAITING).items
    newer = [row for row in waiting if after is None or row.correction.id > after]
    here = [parse_id("cor", one) for one in request.GET.getlist("here")[:_MOST_HERE]]
    waits = open_among(desk.event.id, here)
    return {
        "waiting": newer,
        "last": _last(newer) or given,
        "left": [one for one in here if one not in waits],
    }


def _decided(request: HttpRequest, desk: _Desk, correction: str) -> HttpResponse:
    correction_id = parse_id("cor", correction)
    form = DecisionForm(request.POST)
    status = 422
    if form.is_valid():
        given = form.cleaned_data

        def act(actor: Actor, now: datetime) -> Did:
            said = _act(desk.event.id, correction_id, given, now=now, actor=actor)
            return Did(
                go=desk.address,
                object_id=correction_id,
                merchant_id=desk.event.merchant_id,
                details={"verdict": given["verdict"]},
                say=said,
            )

        try:
            return do_once(
                request,
                act,
                actor=desk.actor,
                verb="decide_correction",
                kind="correction",
                object_id=correction_id,
            )
        except Refusal as refusal:
            if refusal.code == "not_found":
                raise
            status = refusal.status
            on_form(form, refusal, "number" if given["verdict"] == "other" else None)
    return _queue(request, desk, tried=correction_id, form=form, status=status)


def _act(event_id: UUID, correction_id: UUID, given: dict[str, Any], *, now: datetime, actor: Actor) -> str:
    whose: dict[str, Any] = {"event_id": event_id, "correction_id": correction_id}
    how: dict[str, Any] = {"reason": given["reason"], "now": now, "actor": actor}
    if given["verdict"] == "refused":
        refuse_correction(**whose, **how)
        return gettext("Refused; the guest is told why.")
    if given["verdict"] == "swapped":
        swap_correction(**whose, **how)
        return gettext("The two numbers are swapped; both guests are told.")
    number = given["number"] if given["verdict"] == "other" else None
    done = accept_correction(**whose, number=number, of_run=given["verdict"] == "next", **how)
    return gettext("The guest now has number %(number)s.") % {"number": done.new_number}


urlpatterns: list[URLPattern] = [
    path("circle/<str:event>/correction", correction, name="circle-correction"),
    path("circle/<str:event>/correction/<str:correction>/withdrawal", withdrawal, name="circle-withdrawal"),
    path("organise/<str:event>/corrections", corrections, name="event-corrections"),
    path("organise/<str:event>/corrections/<str:correction>/decision", decision, name="correction-decision"),
    path("door/<str:event>/corrections", door_corrections, name="door-corrections"),
    path(
        "door/<str:event>/corrections/<str:correction>/decision",
        door_decision,
        name="door-correction-decision",
    ),
]
