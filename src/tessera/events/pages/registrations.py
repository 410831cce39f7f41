"""The organiser's list of registrations: narrowed, decided one or many, undone, added by hand, taken away as a table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext, ngettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tessera.events.actions.registering import register_guest
from tessera.events.actions.reviewing import Decided, decide_registrations, undo_decisions
from tessera.events.errors.registering import ReasonMissing
from tessera.events.gate import EventPlace, enter_event
from tessera.events.models import Question
from tessera.events.pages.fields import PhoneField, TextField
from tessera.events.pages.registration import shown_registration
from tessera.events.pages.states import state_word
from tessera.events.queries.registrations import (
    LISTS,
    Narrowing,
    arrivals_by_registration,
    groups_of,
    list_registrations,
)
from tessera.events.queries.reviewing import count_states, questions_of
from tessera.events.rules.door import event_topic, shown_number
from tessera.kit.actors import Actor
from tessera.kit.errors import RequestInvalid
from tessera.kit.ids import parse_id, show_id
from tessera.kit.live import hear_also
from tessera.kit.pages import Did, do_once, on_form, page, signed_in
from tessera.kit.reader import reader_language
from tessera.kit.refusals import Refusal
from tessera.people.actions.persons import recognise_phone

__all__ = ["told_decided", "urlpatterns"]

_A_PAGE = 50
_INVALID = 422
_VERDICTS = ("accept", "decline", "waitlist")
_SHOWN_REFUSALS = 3


class AddForm(forms.Form):
    """A guest whom the organiser adds: he is accepted at once, and told."""

    phone = PhoneField(label=_("Phone number"))
    name = TextField(label=pgettext_lazy("person", "Name"), required=False, max_length=40)


@dataclass(frozen=True, slots=True)
class Narrowed:
    """What the list shows, as its address says it."""

    narrowing: Narrowing
    pairs: Mapping[str, str]
    cursor: str | None

    @property
    def query(self) -> str:
        """The address of the first page."""
        return urlencode(self.pairs)

    def after(self, cursor: str | None) -> str:
        """The address of the page from `cursor` on."""
        return urlencode({**self.pairs, "cursor": cursor or ""})


def _narrowed(request: HttpRequest) -> Narrowed:
    given = {name: request.GET.get(name, "").strip()[:200] for name in ("show", "q", "group", "answer")}
    if given["show"] not in LISTS:
        given["show"] = "all"
    question, _sep, answer = given["answer"].partition(":")
    narrowing = Narrowing(
        given["show"], given["q"], given["group"], str(parse_id("qst", question)) if answer else "", answer
    )
    pairs = {name: value for name, value in given.items() if value and (name, value) != ("show", "all")}
    return Narrowed(narrowing, pairs, request.GET.get("cursor") or None)


@require_safe
@signed_in
def registrations(request: HttpRequest, event: str) -> HttpResponse:
    """List the registrations, narrowed by state, group, answer, name or phone number."""
    place = enter_event(request, event)
    hear_also(request, event_topic(place.event.id))
    return page(request, "events/reviewing_registrations.html", _listed(request, place))


def _listed(request: HttpRequest, place: EventPlace) -> dict[str, Any]:
    narrowed, event_id = _narrowed(request), place.event.id
    found = list_registrations(event_id, narrowed.narrowing, cursor=narrowed.cursor, limit=_A_PAGE)
    arrivals = arrivals_by_registration(event_id, [row.id for row in found.items])
    counts, questions = count_states(event_id), questions_of(event_id)
    return {
        "frame": place.frame,
        "workplace": place.workplace,
        "face": "events",
        "place": place,
        "event": place.event,
        "rows": [
            {
                "row": row,
                "number": _number(place, arrivals[row.id]) if row.id in arrivals else "",
                "state": "arrived" if row.id in arrivals else row.state,
                "word": state_word("arrived" if row.id in arrivals else row.state),
            }
            for row in found.items
        ],
        "narrowed": narrowed,
        "lists": [(one, _list_word(one)) for one in LISTS],
        "counts": counts,
        "total": sum(counts.values()),
        "groups": groups_of(event_id),
        "choices": _choices(questions),
        "cursor": narrowed.cursor,
        "next_cursor": found.next_cursor,
        "next_query": narrowed.after(found.next_cursor),
        "first_query": narrowed.query,
        "undo": request.GET.get("undo", "")[:40],
    }


def _number(place: EventPlace, arrival: Any) -> str:
    return shown_number(arrival.number, prefix=arrival.prefix, width=place.event.number_width)


def _list_word(one: str) -> str:
    own = {"all": gettext("All"), "absent": gettext("accepted, not here")}
    return own[one] if one in own else state_word(one)


def _choices(questions: Sequence[Question]) -> list[tuple[str, list[tuple[str, str]]]]:
    return [
        (
            question.label,
            [(f"{show_id('qst', question.id)}:{one}", one) for one in question.terms.get("choices", [])],
        )
        for question in questions
        if question.kind in {"choice", "choices"}
    ]


@require_POST
@signed_in
def decisions(request: HttpRequest, event: str) -> HttpResponse:
    """Accept, decline or waitlist the registrations that are ticked."""
    place = enter_event(request, event, need="events:write")
    verdict, reason = request.POST.get("verdict", ""), request.POST.get("reason", "")
    if verdict not in _VERDICTS:
        raise RequestInvalid(reason="verdict")
    ids = [parse_id("reg", one) for one in request.POST.getlist("registration")]
    back = _back(request, place)

    def act(actor: Actor, now: datetime) -> Did:
        done = decide_registrations(
            event_id=place.event.id,
            registration_ids=ids,
            verdict=verdict,
            reason=reason,
            now=now,
            actor=actor,
        )
        undo = f"undo={show_id('dcs', done.decisions[0].id)}" if done.decisions else ""
        joined = "&" if "?" in back else "?"
        return Did(
            go=f"{back}{joined}{undo}" if undo else back,
            object_id=place.event.id,
            merchant_id=place.event.merchant_id,
            details={"verdict": verdict, "decided": len(done.decisions), "refused": len(done.refused)},
            say=told_decided(verdict, done),
        )

    if not ids:
        messages.info(request, gettext("Tick the guests first."))
        return _again(request, place)
    try:
        return do_once(request, act, actor=place.actor, verb="decide_registrations", kind="event")
    except ReasonMissing as refusal:
        said = {"refusal": refusal.message(reader_language()), "ticked": set(ids)}
        if request.POST.get("one"):
            shown = {**shown_registration(request, place, ids[0]), **said}
            return page(request, "events/reviewing_registration.html", shown, status=refusal.status)
        shown = {**_listed(request, place), **said}
        return page(request, "events/reviewing_registrations.html", shown, status=refusal.status)


def _again(request: HttpRequest, place: EventPlace) -> HttpResponse:
    return page(request, "events/reviewing_registrations.html", _listed(request, place), status=_INVALID)


def _back(request: HttpRequest, place: EventPlace) -> str:
    """Where the list, or the one registration, was that the form stood on."""
    wanted = request.POST.get("one", "")
    if wanted:
        return f"{place.address}/registrations/{show_id('reg', parse_id('reg', wanted))}"
    query = urlencode({**_narrowed(request).pairs})
    return f"{place.address}/registrations" + (f"?{query}" if query else "")


def told_decided(verdict: str, done: Decided) -> str:
    """Return what a decision about many did, in words: how many, who moved up, which were refused and why."""
    n = len(done.decisions)
    said = {
        "accept": ngettext("%d guest accepted.", "%d guests accepted.", n),
        "decline": ngettext("%d guest declined.", "%d guests declined.", n),
        "waitlist": ngettext("%d guest put on the waitlist.", "%d guests put on the waitlist.", n),
        "undo": ngettext("%d decision undone.", "%d decisions undone.", n),
    }[verdict] % n
    parts = [said] if n else []
    if done.moved_up:
        parts.append(ngettext("%d moved up.", "%d moved up.", done.moved_up) % done.moved_up)
    if done.refused:
        m = len(done.refused)
        parts.append(ngettext("%d stays as it is:", "%d stay as they are:", m) % m)
        sentences = dict.fromkeys(one.message(reader_language()) for one in done.refused.values())
        parts += list(sentences)[:_SHOWN_REFUSALS]
    return " ".join(parts)


@require_POST
@signed_in
def undoing(request: HttpRequest, event: str, decision: str) -> HttpResponse:
    """Undo a decision, and all that were made together with it."""
    place = enter_event(request, event, need="events:write")
    decision_id = parse_id("dcs", decision)

    def act(actor: Actor, now: datetime) -> Did:
        done = undo_decisions(event_id=place.event.id, decision_id=decision_id, now=now, actor=actor)
        if not done.decisions and done.refused:
            raise next(iter(done.refused.values()))
        return Did(
            go=_back(request, place),
            object_id=place.event.id,
            merchant_id=place.event.merchant_id,
            details={"undone": len(done.decisions), "refused": len(done.refused)},
            say=told_decided("undo", done),
        )

    return do_once(request, act, actor=place.actor, verb="undo_decision", kind="event")


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def added(request: HttpRequest, event: str) -> HttpResponse:
    """Add a guest by phone number; he is accepted at once and told."""
    place = enter_event(request, event, need="events:write")
    form = AddForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST":
        status = _INVALID
        if form.is_valid():
            try:
                return _added(request, place, form.cleaned_data)
            except Refusal as refusal:
                status = refusal.status
                on_form(form, refusal, "phone" if refusal.code == "already_registered_for_event" else None)
    shown = {
        "frame": place.frame,
        "workplace": place.workplace,
        "face": "events",
        "place": place,
        "event": place.event,
        "form": form,
    }
    return page(request, "events/reviewing_add.html", shown, status=status)


def _added(request: HttpRequest, place: EventPlace, typed: Mapping[str, Any]) -> HttpResponse:
    def act(actor: Actor, now: datetime) -> Did:
        person = recognise_phone(phone=typed["phone"], now=now, actor=actor)
        made = register_guest(
            event_id=place.event.id,
            person_id=person.id,
            answers={},
            name=typed["name"],
            text_version="",
            source="organiser",
            invited=True,
            now=now,
            actor=actor,
        )
        return Did(
            go=f"{place.address}/registrations/{show_id('reg', made.id)}",
            object_id=place.event.id,
            merchant_id=place.event.merchant_id,
            details={"registration": str(made.id)},
            say=gettext("The guest is accepted and told."),
        )

    return do_once(request, act, actor=place.actor, verb="register_guest", kind="event")


urlpatterns: list[URLPattern] = [
    path("organise/<str:event>/registrations", registrations),
    path("organise/<str:event>/registrations/new", added),
    path("organise/<str:event>/decisions", decisions),
    path("organise/<str:event>/decisions/<str:decision>/undoing", undoing),
]
