"""The circle's pages for guests: one's circles, finding others, their profiles (spec/events.md, step 8)."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeVar, cast
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import path
from django.views.decorators.http import require_safe

from tessera.events.errors.circle import CircleClosed, NotInCircle
from tessera.events.gate import GuestPlace, enter_circle
from tessera.events.models import Event
from tessera.events.queries.circle import (
    Eye,
    Face,
    eye_of,
    find_jotting,
    get_face,
    is_mutual,
    list_faces,
    list_own_circles,
    list_recent,
)
from tessera.events.queries.circle_search import find_by_beginning, find_by_words
from tessera.events.queries.events import get_event
from tessera.events.rules.circle import closes_at, number_asked, terms_of
from tessera.events.rules.door import event_topic, shown_number
from tessera.kit import clock
from tessera.kit.errors import NotFound
from tessera.kit.ids import parse_id, show_id
from tessera.kit.live import hear_also
from tessera.kit.pages import go, is_partial, page, signed_in
from tessera.talk.queries import count_unread, find_conversation

__all__ = ["circle_page", "shown_circle", "urlpatterns"]

_MOST_FOUND = 40
_LATEST = 20
V = TypeVar("V", bound=Callable[..., HttpResponseBase])


@dataclass(frozen=True, slots=True)
class Finds:
    """What somebody looked for and who was found: `whole` fit all of it, `near` a part; `more`: there are more."""

    asked: str
    number: int | None
    whole: list[Face]
    near: list[Face]
    more: bool

    @property
    def nobody(self) -> bool:
        """Whether nobody was found."""
        return not self.whole and not self.near


def circle_page(view: V) -> V:
    """Let a guest of the circle through; where it has closed, or opens with the check-in, a page says so."""

    @wraps(view)
    def checked(request: HttpRequest, event: str, *args: Any, **named: Any) -> HttpResponseBase:
        try:
            return view(request, event, *args, **named)
        except (CircleClosed, NotInCircle) as refusal:
            row = get_event(parse_id("evt", event), now=clock.now())
            shown = {
                "face": "events",
                "event": row.event,
                "closed": isinstance(refusal, CircleClosed),
                "days": terms_of(row.event.circle).closing_days,
            }
            return page(request, "events/circle_away.html", shown, status=refusal.status)

    return cast("V", checked)


def shown_circle(place: GuestPlace, tab: str) -> dict[str, Any]:
    """Return what every page of a circle needs: the menu's entry, the place, the tab, how many talks wait."""
    return {
        "face": "events",
        "place": place,
        "event": place.event,
        "tab": tab,
        "own_number": shown_number(
            place.arrival.number, prefix=place.arrival.prefix, width=place.event.number_width
        ),
        "unread_talks": count_unread(place.event.id, place.person_id),
        "closes_at": closes_at(place.event.ends_at, place.event.circle),
    }


@require_safe
@signed_in
def circles(request: HttpRequest) -> HttpResponse:
    """List the circles of the events where the reader has arrived."""
    rows = list_own_circles(UUID(str(request.user.pk)), now=clock.now())
    groups = [(state, [one for one in rows if one.state == state]) for state in ("running", "past", "closed")]
    return page(
        request,
        "events/circle_list.html",
        {"face": "events", "groups": [(state, some) for state, some in groups if some]},
    )


@require_safe
@signed_in
@circle_page
def circle(request: HttpRequest, event: str) -> HttpResponse:
    """Show the guest's own number, find others, and who has come lately; a whole number leads to its guest at once."""
    place = enter_circle(request, event)
    eye = eye_of(place.event.id, place.person_id)
    asked = request.GET.get("q", "").strip()[:200]
    finds = _finds(place.event, asked, eye)
    partial = is_partial(request) and request.headers.get("HX-Target") == "finds"
    if finds.number is not None and not partial and any(one.number == finds.number for one in finds.whole):
        return go(request, f"{place.address}/{finds.number}", status=302)
    if partial:
        response = page(request, "events/circle_finds.html", {"finds": finds, "place": place})
        response["HX-Replace-Url"] = place.address + (f"?{urlencode({'q': asked})}" if asked else "")
        return response
    hear_also(request, event_topic(place.event.id))
    shown = shown_circle(place, "find") | {"finds": finds} | _latest(request, place, eye)
    return page(request, "events/circle.html", shown)


@require_safe
@signed_in
@circle_page
def latest(request: HttpRequest, event: str) -> HttpResponse:
    """Show who has come lately: the part of the page that turns by itself."""
    place = enter_circle(request, event)
    eye = eye_of(place.event.id, place.person_id)
    return page(request, "events/circle_latest.html", {"place": place} | _latest(request, place, eye))


@require_safe
def guest(request: HttpRequest, event: str, number: int) -> HttpResponse:
    """Show a guest of the circle to another one; whoever else scans the badge gets a kind page that tells nothing."""
    if request.user.is_authenticated:
        try:
            return _profile(request, enter_circle(request, event), number)
        except (NotInCircle, NotFound) as refusal:
            if isinstance(refusal, NotFound) and _is_guest(request, event):
                raise
        except CircleClosed:
            pass
    shown = {"face": "events", "number_address": request.path}
    return page(request, "events/circle_badge.html", shown)


def _is_guest(request: HttpRequest, event: str) -> bool:
    try:
        enter_circle(request, event)
    except NotFound:
        return False
    return True


def _profile(request: HttpRequest, place: GuestPlace, number: int) -> HttpResponse:
    eye = eye_of(place.event.id, place.person_id)
    face = get_face(place.event, number, eye)
    if face.own:
        return go(request, f"{place.address}/me", status=302)
    talk = find_conversation(place.event.id, place.person_id, face.person_id)
    shown = shown_circle(place, "find") | {
        "guest": face,
        "jotting": find_jotting(place.event.id, place.person_id, number),
        "mutual": is_mutual(place.event.id, place.person_id, face.person_id),
        "talk_address": f"{place.address}/talks/{show_id('cnv', talk.id)}" if talk else "",
    }
    return page(request, "events/circle_guest.html", shown)


def _latest(request: HttpRequest, place: GuestPlace, eye: Eye) -> dict[str, Any]:
    cursor = request.GET.get("cursor") or None
    found = list_recent(place.event, eye, cursor=cursor, limit=_LATEST)
    return {
        "faces": found.items,
        "cursor": cursor,
        "next_cursor": found.next_cursor,
        "first_query": "",
        "next_query": f"cursor={found.next_cursor}",
    }


def _finds(event: Event, asked: str, eye: Eye) -> Finds:
    """Return who was found by a number, its beginning, or words."""
    if not asked:
        return Finds("", None, [], [], more=False)
    typed = number_asked(asked, [str(one) for one in event.prefixes.values()])
    if typed is not None:
        found = find_by_beginning(
            event.id, typed, width=event.number_width, limit=_MOST_FOUND + 1, hidden=eye.hidden
        )
        faces = list_faces(event, found[:_MOST_FOUND], eye)
        return Finds(asked, typed.number, faces, [], more=len(found) > _MOST_FOUND)
    others = eye.hidden | {eye.person_id} if eye.person_id else eye.hidden
    fitting = find_by_words(event.id, asked, _MOST_FOUND + 1, hidden=others)
    shown = fitting[:_MOST_FOUND]
    faces = list_faces(event, shown, eye)
    whole = [face for face, one in zip(faces, shown, strict=True) if one.fits == one.asked]
    near = [face for face, one in zip(faces, shown, strict=True) if one.fits < one.asked]
    return Finds(asked, None, whole, near, more=len(fitting) > _MOST_FOUND)


urlpatterns = [
    path("circle", circles, name="circles"),
    path("circle/<str:event>", circle, name="circle"),
    path("circle/<str:event>/latest", latest, name="circle-latest"),
    path("circle/<str:event>/<int:number>", guest, name="circle-guest"),
]
