"""A guest asks another one to talk, reports or blocks him; all by the number on the badge."""

from datetime import datetime

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tessera.events.actions.talks import ask_guest, block_guest, report_guest, unblock_guest
from tessera.events.gate import GuestPlace, enter_circle
from tessera.events.pages.circle import circle_page, shown_circle
from tessera.events.queries.circle import Eye, Face, eye_of, faces_by_person, find_guest, get_face
from tessera.events.rules.circle import terms_of
from tessera.kit.actors import Actor
from tessera.kit.errors import NotFound
from tessera.kit.ids import show_id
from tessera.kit.pages import Did, do_once, go, on_form, page, signed_in
from tessera.kit.refusals import Refusal
from tessera.talk.errors import PersonUnavailable, TalkWithSelf
from tessera.talk.queries import count_unanswered, find_conversation, find_mute, list_blocked
from tessera.talk.rules import MOST_CHARACTERS

__all__ = ["block", "blocked", "report", "request_talk", "unblock"]

_A_PAGE = 50


class RequestForm(forms.Form):
    """What to say first."""

    text = forms.CharField(
        label=_("Your message"),
        strip=False,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "dir": "auto"}),
        help_text=_("Say who you are and what you would like to talk about. Your phone number is not shown."),
    )


class ReportForm(forms.Form):
    """What is the matter."""

    kind = forms.ChoiceField(
        label=_("What is the matter?"),
        choices=[
            ("harassment", _("Insults or harassment")),
            ("advertising", _("Advertising or sales")),
            ("impersonation", _("Pretends to be somebody else")),
            ("other", _("Something else")),
        ],
        widget=forms.RadioSelect,
    )
    text = forms.CharField(
        label=_("What happened"),
        strip=False,
        required=False,
        max_length=MOST_CHARACTERS,
        widget=forms.Textarea(attrs={"rows": 4, "dir": "auto"}),
    )
    block = forms.BooleanField(label=_("Also block this guest"), required=False)


def _face_of(place: GuestPlace, number: int) -> tuple[Face, Eye]:
    """Return the guest with this number; refuses `person_unavailable`, `talk_with_self`."""
    eye = eye_of(place.event.id, place.person_id)
    if number == place.arrival.number:
        raise TalkWithSelf
    try:
        return get_face(place.event, number, eye), eye
    except NotFound:
        raise PersonUnavailable from None


def _face_to_report(place: GuestPlace, number: int) -> Face:
    """Return the guest; nothing but the number of one who has written and blocked afterwards."""
    try:
        return _face_of(place, number)[0]
    except PersonUnavailable:
        other_id = find_guest(place.event.id, number)
        if other_id is None or find_conversation(place.event.id, place.person_id, other_id) is None:
            raise
        face = get_face(place.event, number, Eye(None))
        return Face(other_id, number, face.shown, face.arrived_at, own=False, talking=False)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
@circle_page
def request_talk(request: HttpRequest, event: str, number: int) -> HttpResponse:
    """Write the first message to the guest with this number; leads to the conversation where there is one."""
    place = enter_circle(request, event)
    face, _eye = _face_of(place, number)
    form, status = RequestForm(), 200
    if request.method == "POST":
        form = RequestForm(request.POST)
        try:
            return _asked(request, place, number, form)
        except Refusal as refusal:
            status = refusal.status
            on_form(form, refusal, "text" if status == 422 else None)
    known = find_conversation(place.event.id, place.person_id, face.person_id)
    mine = known is not None and known.asker_id == place.person_id
    if known is not None and status == 200 and not (known.answer == "declined" and not mine):
        return go(request, f"{place.address}/talks/{show_id('cnv', known.id)}")
    most = terms_of(place.event.circle).requests
    context = {
        **shown_circle(place, "find"),
        "guest": face,
        "form": form,
        "most": most,
        "left": max(0, most - count_unanswered(place.event.id, place.person_id)),
        "mute": find_mute(place.event.id, place.person_id),
    }
    return page(request, "events/talks_request.html", context, status=status)


def _asked(request: HttpRequest, place: GuestPlace, number: int, form: RequestForm) -> HttpResponse:
    text = form.cleaned_data["text"] if form.is_valid() else "\0"

    def act(actor: Actor, now: datetime) -> Did:
        conversation = ask_guest(
            event=place.event, person_id=place.person_id, number=number, text=text, now=now, actor=actor
        )
        return Did(
            go=f"{place.address}/talks/{show_id('cnv', conversation.id)}",
            object_id=conversation.id,
            say=gettext("Sent.") if not conversation.answer else "",
        )

    return do_once(request, act, actor=place.actor, verb="ask_guest", kind="conversation")


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
@circle_page
def report(request: HttpRequest, event: str, number: int) -> HttpResponse:
    """Tell the organiser about the guest with this number."""
    place = enter_circle(request, event)
    face = _face_to_report(place, number)
    form, status = ReportForm(request.POST if request.method == "POST" else None), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                return _reported(request, place, number, form)
            except Refusal as refusal:
                status = refusal.status
                on_form(form, refusal, "text" if status == 422 else None)
    known = find_conversation(place.event.id, place.person_id, face.person_id)
    context = {
        **shown_circle(place, "find"),
        "guest": face,
        "form": form,
        "conversation": known,
    }
    return page(request, "events/talks_report.html", context, status=status)


def _reported(request: HttpRequest, place: GuestPlace, number: int, form: ReportForm) -> HttpResponse:
    given = form.cleaned_data

    def act(actor: Actor, now: datetime) -> Did:
        made = report_guest(
            event=place.event,
            person_id=place.person_id,
            number=number,
            kind=given["kind"],
            text=given["text"],
            block=given["block"],
            now=now,
            actor=actor,
        )
        return Did(
            go=f"{place.address}/talks",
            object_id=made.id,
            details={"kind": made.kind},
            say=gettext("Reported. The organiser looks at it."),
        )

    return do_once(request, act, actor=place.actor, verb="report_guest", kind="report")


@require_POST
@signed_in
@circle_page
def block(request: HttpRequest, event: str, number: int) -> HttpResponse:
    """Block the guest with this number: neither sees the other any more."""
    place = enter_circle(request, event)

    def act(actor: Actor, now: datetime) -> Did:
        other = block_guest(event=place.event, person_id=place.person_id, number=number, now=now, actor=actor)
        return Did(
            go=f"{place.address}/talks",
            object_id=other,
            say=gettext("Blocked. You do not see each other any more."),
        )

    return do_once(request, act, actor=place.actor, verb="block_guest", kind="person")


@require_POST
@signed_in
@circle_page
def unblock(request: HttpRequest, event: str, number: int) -> HttpResponse:
    """Lift one's own block of the guest with this number."""
    place = enter_circle(request, event)

    def act(actor: Actor, now: datetime) -> Did:
        other = unblock_guest(
            event=place.event, person_id=place.person_id, number=number, now=now, actor=actor
        )
        return Did(go=f"{place.address}/talks/blocked", object_id=other, say=gettext("Unblocked."))

    return do_once(request, act, actor=place.actor, verb="unblock_guest", kind="person")


@require_safe
@signed_in
@circle_page
def blocked(request: HttpRequest, event: str) -> HttpResponse:
    """Show whom one has blocked, of the guests of this event."""
    place = enter_circle(request, event)
    cursor = request.GET.get("cursor")
    found = list_blocked(place.person_id, cursor=cursor, limit=_A_PAGE)
    ids = [one.blocked_id for one in found.items]
    faces = faces_by_person(place.event, ids, Eye(place.person_id))
    context = {
        **shown_circle(place, "talks"),
        "guests": [
            {"face": faces[one.blocked_id], "at": one.at} for one in found.items if one.blocked_id in faces
        ],
        "elsewhere": sum(one.blocked_id not in faces for one in found.items),
        "cursor": cursor,
        "next_cursor": found.next_cursor,
        "first_query": "",
        "next_query": f"cursor={found.next_cursor}",
    }
    return page(request, "events/talks_blocked.html", context)
