"""The door from the organiser's side: who works there, on which terminals, what is locked; and making terminals."""

import base64
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from tessera.events.actions.crew import (
    add_crew,
    allow_walk_ins,
    end_crew,
    enrol_terminal,
    revoke_terminal,
)
from tessera.events.actions.undoing import unlock_guesses
from tessera.events.gate import DoorPlace, EventPlace, enter_door, enter_event
from tessera.events.models import Terminal
from tessera.events.queries.crew import find_lock, get_crew, list_crew, list_locks, list_terminals
from tessera.events.rules.door import event_topic
from tessera.kit import clock
from tessera.kit.actors import Actor
from tessera.kit.edge import problem_bytes
from tessera.kit.errors import IdReused, NotFound, RequestInvalid
from tessera.kit.ids import parse_id, show_id
from tessera.kit.live import hear_also
from tessera.kit.pages import Did, do_once, is_partial, on_form, page, safe_next, signed_in
from tessera.kit.phones import masked_phone, normal_phone
from tessera.kit.qr import qr_svg
from tessera.kit.reader import reader_language
from tessera.kit.refusals import Refusal
from tessera.people.actions.persons import recognise_phone
from tessera.people.queries import Person, persons_by_id

__all__ = ["urlpatterns"]

_LONGEST_DOOR = 60
_NEED = "arrivals:write"
_PARTS = {"state": "events/crew_state.html", "sheets": "events/crew_sheets.html"}


class CrewForm(forms.Form):
    """Whom to put at the door, as what."""

    phone = forms.CharField(
        label=_("Phone number"),
        max_length=40,
        widget=forms.TextInput(attrs={"type": "tel", "inputmode": "tel", "autocomplete": "off"}),
        help_text=_("A message with the link goes to whoever has this number."),
    )
    role = forms.ChoiceField(
        label=_("Role"),
        choices=[
            ("crew", _("Crew: scans and checks in")),
            ("supervisor", _("Supervisor: also searches, undoes, unlocks and corrects")),
        ],
        initial="crew",
        widget=forms.RadioSelect,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def crew(request: HttpRequest, event: str) -> HttpResponse:
    """Show crew, terminals and locks of the door; put somebody on the crew."""
    place = enter_event(request, event, need=_NEED)
    form = CrewForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                return _added(request, place, form)
            except Refusal as refusal:
                status = refusal.status
                on_form(form, refusal, "phone")
    return _shown(request, place, form, status=status)


def _added(request: HttpRequest, place: EventPlace, form: CrewForm) -> HttpResponse:
    phone = normal_phone(form.cleaned_data["phone"], region=settings.TESSERA_DEFAULT_REGION)

    def act(actor: Actor, now: datetime) -> Did:
        member = add_crew(
            event_id=place.event.id,
            person_id=recognise_phone(phone=phone, now=now, actor=actor).id,
            role=form.cleaned_data["role"],
            now=now,
            actor=actor,
        )
        return Did(
            go=f"{place.address}/door",
            object_id=member.id,
            details={"role": member.role},
            say=gettext("On the crew."),
        )

    return do_once(request, act, actor=place.actor, verb="add_crew", kind="crew_member")


def _shown(request: HttpRequest, place: EventPlace, form: CrewForm, *, status: int) -> HttpResponse:
    now = clock.now()
    hear_also(request, event_topic(place.event.id))
    members, rows = list_crew(place.event.id), list_terminals(place.event.id, now=now)
    persons = persons_by_id(
        {one.person_id for one in members}
        | {row.terminal.person_id for row in rows if row.terminal.person_id}
    )
    held: dict[UUID | None, int] = {}
    for row in rows:
        if row.terminal.revoked_at is None:
            held[row.terminal.person_id] = held.get(row.terminal.person_id, 0) + 1
    address = f"/door/{show_id('evt', place.event.id)}"
    link = request.build_absolute_uri(address)
    terminals = [(row, _called(persons, row.terminal.person_id)) for row in rows]
    shown = {
        "frame": place.frame,
        "workplace": place.workplace,
        "face": "events",
        "place": place,
        "event": place.event,
        "form": form,
        "crew": [(one, _called(persons, one.person_id), held.get(one.person_id, 0)) for one in members],
        "terminals": [one for one in terminals if one[0].terminal.revoked_at is None],
        "revoked": [one for one in terminals if one[0].terminal.revoked_at is not None],
        "locks": list_locks(place.event.id),
        "over_capacity": place.event.seats.over_capacity,
        "door": address,
        "link": link,
        "qr": "" if is_partial(request) else qr_svg(link),
    }
    part = request.GET.get("part", "") if is_partial(request) else ""
    return page(request, _PARTS.get(part, "events/crew.html"), shown, status=status)


def _called(persons: dict[UUID, Person], person_id: UUID | None) -> dict[str, str]:
    person = persons.get(person_id) if person_id else None
    phone = masked_phone(person.phone) if person and person.phone else ""
    return {"name": (person.nickname if person else "") or phone or "·", "phone": phone}


@require_POST
@signed_in
def end(request: HttpRequest, event: str, crew: str) -> HttpResponse:
    """End somebody's work at the door; his terminals go with it."""
    place = enter_event(request, event, need=_NEED)
    member = get_crew(place.event.id, parse_id("crw", crew))

    def act(actor: Actor, now: datetime) -> Did:
        end_crew(event_id=place.event.id, crew_id=member.id, now=now, actor=actor)
        return Did(go=f"{place.address}/door", object_id=member.id, say=gettext("No longer on the crew."))

    return do_once(request, act, actor=place.actor, verb="end_crew", kind="crew_member", object_id=member.id)


@require_POST
@signed_in
def walk_ins(request: HttpRequest, event: str) -> HttpResponse:
    """Let the crew take in who has not registered, or registered guests only."""
    place = enter_event(request, event, need="events:write")
    allowed = request.POST.get("allowed") == "yes"

    def act(actor: Actor, now: datetime) -> Did:
        allow_walk_ins(event_id=place.event.id, allowed=allowed, now=now, actor=actor)
        said = gettext("Walk-ins are welcome.") if allowed else gettext("Registered guests only.")
        return Did(
            go=f"{place.address}/door", object_id=place.event.id, details={"allowed": allowed}, say=said
        )

    return do_once(request, act, actor=place.actor, verb="allow_walk_ins", kind="event")


@require_POST
@signed_in
def unlock(request: HttpRequest, event: str) -> HttpResponse:
    """Unlock what wrong codes have locked; what is not locked any more is no fault."""
    place = enter_event(request, event, need=_NEED)
    lock = find_lock(place.event.id, request.POST.get("lock", ""))

    def act(actor: Actor, now: datetime) -> Did:
        if lock is not None:
            unlock_guesses(
                event_id=place.event.id, kind=lock.kind, subjects=[lock.subject], now=now, actor=actor
            )
        return Did(go=f"{place.address}/door", object_id=place.event.id, say=gettext("Unlocked."))

    return do_once(request, act, actor=place.actor, verb="unlock_guesses", kind="event")


@require_POST
@signed_in
def enrol(request: HttpRequest, event: str) -> HttpResponse:
    """Make this device a terminal: its credential and the key of what it keeps are told this once, as JSON."""
    try:
        return _enrolled(request, enter_door(request, event))
    except Refusal as refusal:
        body = problem_bytes(refusal, reader_language())
        return HttpResponse(body, status=refusal.status, content_type="application/problem+json")


def _enrolled(request: HttpRequest, place: DoorPlace) -> HttpResponse:
    door = "".join(one for one in request.POST.get("door", "") if one.isprintable()).strip()
    if not 0 < len(door) <= _LONGEST_DOOR:
        raise RequestInvalid(reason=f"door: 1 to {_LONGEST_DOOR} characters")
    printer = request.POST.get("printer") or None
    made: list[tuple[Terminal, str]] = []

    def act(actor: Actor, now: datetime) -> Did:
        assert actor.id is not None, "a page is asked for by a person"
        made.append(
            enrol_terminal(
                event_id=place.event.id,
                person_id=actor.id,
                door=door,
                printer_id=parse_id("ptr", printer) if printer else None,
                now=now,
                actor=actor,
            )
        )
        return Did(
            go=f"/door/{show_id('evt', place.event.id)}", object_id=made[-1][0].id, details={"door": door}
        )

    do_once(request, act, actor=place.actor, verb="enrol_terminal", kind="terminal")
    # nobody has kept a credential: the same form again, or the slower of two clicks, gets none
    if not made or not Terminal.objects.filter(pk=made[-1][0].id).exists():
        raise IdReused(request_id=request.POST["request_id"])
    terminal, credential = made[-1]
    told = {
        "terminal_id": show_id("trm", terminal.id),
        "credential": credential,
        "vault_key": base64.b64encode(terminal.vault_key).decode(),
        "door": terminal.door,
        "supervisor": place.role == "supervisor",
    }
    return JsonResponse(told, status=201, headers={"Cache-Control": "no-store"})


@require_POST
@signed_in
def revoke(request: HttpRequest, event: str, terminal: str) -> HttpResponse:
    """Take a terminal out of use: the organiser and supervisors any, the crew their own."""
    place = enter_door(request, event)
    known = Terminal.objects.filter(pk=parse_id("trm", terminal), event_id=place.event.id).first()
    if known is None or (place.role != "supervisor" and known.person_id != place.actor.id):
        raise NotFound
    reason = "".join(one for one in request.POST.get("reason", "") if one.isprintable()).strip()[:200]

    def act(actor: Actor, now: datetime) -> Did:
        revoke_terminal(event_id=place.event.id, terminal_id=known.id, reason=reason, now=now, actor=actor)
        return Did(
            go=safe_next(request, f"/door/{show_id('evt', place.event.id)}"),
            object_id=known.id,
            say=gettext("Revoked. What it has not uploaded yet is refused."),
        )

    return do_once(
        request, act, actor=place.actor, verb="revoke_terminal", kind="terminal", object_id=known.id
    )


_ROUTES: dict[str, Any] = {
    "organise/<str:event>/door": crew,
    "organise/<str:event>/crew/<str:crew>/end": end,
    "organise/<str:event>/walk-ins": walk_ins,
    "organise/<str:event>/unlocks": unlock,
    "door/<str:event>/terminals": enrol,
    "door/<str:event>/terminals/<str:terminal>/revocation": revoke,
}
urlpatterns: list[URLPattern] = [path(route, view) for route, view in _ROUTES.items()]
