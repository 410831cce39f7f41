"""The member's code: shown by the browser alone once it knows its device's secret, so also without a connection."""

import base64
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from tessera.kit import clock, trail
from tessera.kit.edge import repeated
from tessera.kit.errors import NotFound
from tessera.kit.ids import show_id
from tessera.kit.live import person_topic, token_for
from tessera.kit.pages import page, person_actor, signed_in
from tessera.kit.qr import qr_svg
from tessera.people.actions.codes import issue_short_code, open_code_device
from tessera.people.models import CodeDevice, ShortCode
from tessera.people.queries import find_code_device, get_person
from tessera.people.rules import CODE_STEP_S, parse_member_code

__all__ = ["code", "device", "seen_code", "short_code"]


@require_safe
@signed_in
def code(request: HttpRequest) -> HttpResponse:
    """Show the frame of the code; the browser draws into it."""
    person_id = UUID(str(request.user.pk))
    held = find_code_device(request.session.session_key or "", person_id)
    shown = {
        "face": "code",
        "now": clock.now(),
        "person": get_person(person_id),
        "device": held.number if held else "",
        "live_token": token_for(request, [person_topic(person_id)]),
    }
    return page(request, "people/code.html", shown)


@require_POST
@never_cache
@signed_in
def device(request: HttpRequest) -> HttpResponse:
    """Give this signed-in browser its device number and secret; asked again, the same ones."""
    now, actor = clock.now(), person_actor(request)
    person_id = UUID(str(request.user.pk))

    def made() -> CodeDevice:
        with transaction.atomic():
            known = find_code_device(request.session.session_key or "", person_id)
            opened = known or open_code_device(
                person_id=person_id,
                session_key=request.session.session_key or "",
                label=request.headers.get("User-Agent", ""),
                now=now,
                actor=actor,
            )
            if known is None:
                trail.note(
                    actor=actor, verb="open_code_device", object_kind="person", object_id=person_id, now=now
                )
            return opened

    held = repeated(made)
    told = {
        "person": show_id("per", person_id),
        "number": held.number,
        "secret": base64.b64encode(bytes(held.secret)).decode("ascii"),
        "at": int(clock.now().timestamp() * 1000),
    }
    return JsonResponse(told)


@require_POST
@never_cache
@signed_in
def short_code(request: HttpRequest) -> HttpResponse:
    """Give eight digits that are good for a minute: to a script as JSON, else as a page of its own."""
    now, person_id = clock.now(), UUID(str(request.user.pk))

    def made() -> ShortCode:
        with transaction.atomic():
            return issue_short_code(person_id=person_id, now=now, actor=person_actor(request))

    issued = repeated(made)
    left = max(1, int((issued.expires_at - now).total_seconds()))
    if "application/json" in request.headers.get("Accept", ""):
        return JsonResponse({"code": issued.code, "left_s": left, "at": int(now.timestamp() * 1000)})
    shown = {
        "face": "code",
        "digits": issued.code,
        "left_s": left,
        "qr": qr_svg(request.build_absolute_uri(f"/m/{issued.code}")),
    }
    return page(request, "people/short_code.html", shown)


@require_safe
def seen_code(request: HttpRequest, digits: str) -> HttpResponse:
    """Say what this is to whom an ordinary camera brought here: a code for the till, of no use elsewhere."""
    if parse_member_code(digits) != digits:
        raise NotFound
    return page(request, "people/seen_code.html", {"step_s": CODE_STEP_S})
