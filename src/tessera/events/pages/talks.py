"""Talks of the circle: requests to answer, conversations, one conversation that turns by itself.

A guest sees others by number, and of name and picture what they show (events/rules/circle.py). Phone numbers are shown
in a conversation alone, once both of the two want it.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tessera.events.actions.talks import answer_guest
from tessera.events.gate import GuestPlace, enter_circle
from tessera.events.pages import talks_requests
from tessera.events.pages.circle import circle_page, shown_circle
from tessera.events.pages.talks_lines import earlier_lines, lines_of, newer_lines, short_moment
from tessera.events.queries.circle import Eye, eye_of, faces_by_person
from tessera.kit import clock
from tessera.kit.actors import Actor
from tessera.kit.errors import NotFound
from tessera.kit.ids import parse_id, show_id
from tessera.kit.pages import Did, do_once, go, is_partial, on_form, page, signed_in
from tessera.kit.paging import Page
from tessera.kit.reader import reader_language
from tessera.kit.refusals import Refusal
from tessera.people.queries import persons_by_id
from tessera.talk.actions.contacts import offer_contact, withdraw_contact
from tessera.talk.actions.writing import mark_read, write_message
from tessera.talk.errors import MessageUnusable
from tessera.talk.queries import (
    TalkRow,
    count_blocked,
    count_requests,
    find_mute,
    find_offers,
    get_conversation,
    list_conversations,
    list_requests,
)
from tessera.talk.rules import MOST_CHARACTERS

__all__ = ["answer", "contact", "conversation", "talks", "urlpatterns"]

_FIRST_REQUESTS = 5
_A_PAGE = 30


class MessageForm(forms.Form):
    """What to write."""

    text = forms.CharField(
        label=_("Message"),
        strip=False,
        widget=forms.Textarea(
            attrs={"rows": 1, "autocomplete": "off", "enterkeyhint": "send", "dir": "auto"}
        ),
    )


def row_of(place: GuestPlace, row: TalkRow, faces: Mapping[UUID, Any]) -> dict[str, Any]:
    """Return a conversation as the lists show it."""
    return {
        "id": row.id,
        "address": f"{place.address}/talks/{show_id('cnv', row.id)}",
        "face": faces.get(row.other_id),
        "state": row.state,
        "unread": row.unread and row.state == "accepted",
        "text": row.last_text,
        "own": row.last_own,
        "at": row.conversation.last_at,
        "when": short_moment(row.conversation.last_at, clock.now(), place.event.time_zone),
    }


def _shown(place: GuestPlace, eye: Eye, found: Page[TalkRow]) -> list[dict[str, Any]]:
    faces = faces_by_person(place.event, [row.other_id for row in found.items], eye)
    return [row_of(place, row, faces) for row in found.items]


@require_safe
@signed_in
@circle_page
def talks(request: HttpRequest, event: str) -> HttpResponse:
    """Show the requests to answer, then the conversations; ?show=requests: the requests alone, a page at a time."""
    place = enter_circle(request, event)
    circle_id, person_id = place.event.id, place.person_id
    only = "requests" if request.GET.get("show") == "requests" else ""
    cursor = request.GET.get("cursor")
    eye = eye_of(circle_id, person_id)
    asked = list_requests(
        circle_id, person_id, cursor=cursor if only else None, limit=_A_PAGE if only else _FIRST_REQUESTS
    )
    found = list_conversations(circle_id, person_id, cursor=cursor, limit=_A_PAGE) if not only else asked
    context = {
        **shown_circle(place, "talks"),
        "only": only,
        "cursor": cursor,
        "requests": [] if cursor and not only else _shown(place, eye, asked),
        "request_count": count_requests(circle_id, person_id),
        "more_requests": not only and asked.next_cursor is not None,
        "talks": [] if only else _shown(place, eye, found),
        "blocked": count_blocked(person_id),
        "mute": find_mute(circle_id, person_id),
        "next_cursor": found.next_cursor,
        "first_query": "show=requests" if only else "",
        "next_query": f"{'show=requests&' if only else ''}cursor={found.next_cursor}",
    }
    return page(request, "events/talks_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
@circle_page
def conversation(request: HttpRequest, event: str, conversation: str) -> HttpResponse:
    """Show one conversation, its end first, and mark it as read; write into it.

    Asked by the page itself: ?after=msg_...&seen=... brings what is new, ?before=... what was earlier.
    """
    place = enter_circle(request, event)
    conversation_id = parse_id("cnv", conversation)
    if request.method == "POST":
        return _written(request, place, conversation_id)
    try:
        row = _opened(place, conversation_id)
    except NotFound:
        if is_partial(request):
            return go(request, f"{place.address}/talks")
        raise
    if is_partial(request) and "after" in request.GET:
        return _news(request, place, row)
    if is_partial(request) and "before" in request.GET:
        shown = {"place": place, "event": place.event, "address": _address(place, row)}
        shown["earlier"] = earlier_lines(place, row, request.GET["before"])
        return page(request, "events/talks_earlier.html", shown)
    return _whole(request, place, row, MessageForm())


def _opened(place: GuestPlace, conversation_id: UUID) -> TalkRow:
    circle_id, person_id = place.event.id, place.person_id
    row = get_conversation(circle_id, conversation_id, person_id=person_id)
    if row.unread:
        with transaction.atomic():
            mark_read(
                circle_id=circle_id,
                conversation_id=conversation_id,
                person_id=person_id,
                now=clock.now(),
                actor=place.actor,
            )
    return row


def _address(place: GuestPlace, row: TalkRow) -> str:
    return f"{place.address}/talks/{show_id('cnv', row.id)}"


def _state(place: GuestPlace, row: TalkRow) -> dict[str, Any]:
    """Return what stands under and above the messages; `mark` changes with it."""
    offered, other_offers = find_offers(place.event.id, row.id, person_id=place.person_id)
    mute = find_mute(place.event.id, place.person_id)
    phone = ""
    if offered and other_offers and row.state == "accepted":
        other = persons_by_id([row.other_id]).get(row.other_id)
        phone = (other.phone if other else None) or ""
    faces = faces_by_person(place.event, [row.other_id], eye_of(place.event.id, place.person_id))
    return {
        "place": place,
        "event": place.event,
        "row": row,
        "address": _address(place, row),
        "other": faces.get(row.other_id),
        "offered": offered,
        "other_offers": other_offers,
        "phone": phone,
        "mute": mute,
        "foot_mark": f"{row.state}.{int(mute is not None)}",
        "head_mark": f"{row.state}.{int(offered)}{int(other_offers)}",
    }


def _news(request: HttpRequest, place: GuestPlace, row: TalkRow) -> HttpResponse:
    newer = newer_lines(place, row, request.GET["after"])
    if newer is None:
        response = HttpResponse(status=204)
        response["HX-Refresh"] = "true"
        return response
    state = _state(place, row)
    seen = {mark: request.GET.get(mark) != state[mark] for mark in ("foot_mark", "head_mark")}
    shown = {
        **state,
        **newer,
        "form": MessageForm(),
        "new_foot": seen["foot_mark"],
        "new_head": seen["head_mark"],
    }
    return page(request, "events/talks_news.html", shown)


def _whole(
    request: HttpRequest, place: GuestPlace, row: TalkRow, form: MessageForm, *, status: int = 200
) -> HttpResponse:
    others = list_conversations(place.event.id, place.person_id, limit=_A_PAGE)
    eye = eye_of(place.event.id, place.person_id)
    context = {
        **shown_circle(place, "talks"),
        **_state(place, row),
        **lines_of(place, row, request.GET.get("before")),
        "form": form,
        "others": _shown(place, eye, others),
        "more_others": others.next_cursor is not None,
    }
    return page(request, "events/talks_conversation.html", context, status=status)


def _written(request: HttpRequest, place: GuestPlace, conversation_id: UUID) -> HttpResponse:
    form = MessageForm(request.POST)
    form.fields["text"].required = False

    def act(actor: Actor, now: datetime) -> Did:
        message = write_message(
            circle_id=place.event.id,
            conversation_id=conversation_id,
            person_id=place.person_id,
            text=form.cleaned_data["text"],
            now=now,
            actor=actor,
        )
        address = f"{place.address}/talks/{show_id('cnv', conversation_id)}"
        return Did(go=f"{address}#{show_id('msg', message.id)}", object_id=message.id)

    try:
        if not form.is_valid():
            raise MessageUnusable(most=MOST_CHARACTERS)
        return do_once(
            request, act, actor=place.actor, verb="write_message", kind="message", object_id=conversation_id
        )
    except Refusal as refusal:
        if is_partial(request):
            said = refusal.message(reader_language())
            return HttpResponse(said, status=refusal.status, content_type="text/plain; charset=utf-8")
        row = _opened(place, conversation_id)
        on_form(form, refusal, "text")
        return _whole(request, place, row, form, status=refusal.status)


@require_POST
@signed_in
@circle_page
def answer(request: HttpRequest, event: str, conversation: str) -> HttpResponse:
    """Accept or decline a request."""
    place = enter_circle(request, event)
    conversation_id = parse_id("cnv", conversation)
    accept = request.POST.get("answer") == "accepted"

    def act(actor: Actor, now: datetime) -> Did:
        answer_guest(
            event=place.event,
            person_id=place.person_id,
            conversation_id=conversation_id,
            accept=accept,
            now=now,
            actor=actor,
        )
        talks = f"{place.address}/talks"
        return Did(
            go=f"{talks}/{conversation}" if accept else talks,
            object_id=conversation_id,
            details={"answer": "accepted" if accept else "declined"},
            say="" if accept else gettext("Declined. The other one gets no notice."),
        )

    return do_once(
        request, act, actor=place.actor, verb="answer_request", kind="conversation", object_id=conversation_id
    )


@require_POST
@signed_in
@circle_page
def contact(request: HttpRequest, event: str, conversation: str) -> HttpResponse:
    """Offer one's own phone number to the other one, or withdraw it."""
    place = enter_circle(request, event)
    conversation_id = parse_id("cnv", conversation)
    offers = request.POST.get("offer") == "yes"

    def act(actor: Actor, now: datetime) -> Did:
        change = offer_contact if offers else withdraw_contact
        change(
            circle_id=place.event.id,
            conversation_id=conversation_id,
            person_id=place.person_id,
            now=now,
            actor=actor,
        )
        return Did(go=f"{place.address}/talks/{conversation}", object_id=conversation_id)

    verb = "offer_contact" if offers else "withdraw_contact"
    return do_once(request, act, actor=place.actor, verb=verb, kind="conversation", object_id=conversation_id)


_CIRCLE = "circle/<str:event>"

urlpatterns: list[URLPattern] = [
    path(f"{_CIRCLE}/talks", talks, name="talks"),
    path(f"{_CIRCLE}/talks/blocked", talks_requests.blocked, name="talks-blocked"),
    path(f"{_CIRCLE}/talks/<str:conversation>", conversation, name="talk"),
    path(f"{_CIRCLE}/talks/<str:conversation>/answer", answer, name="talk-answer"),
    path(f"{_CIRCLE}/talks/<str:conversation>/contact", contact, name="talk-contact"),
    path(f"{_CIRCLE}/<int:number>/request", talks_requests.request_talk, name="talk-request"),
    path(f"{_CIRCLE}/<int:number>/report", talks_requests.report, name="talk-report"),
    path(f"{_CIRCLE}/<int:number>/block", talks_requests.block, name="talk-block"),
    path(f"{_CIRCLE}/<int:number>/block-end", talks_requests.unblock, name="talk-block-end"),
]
