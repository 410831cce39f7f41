"""Where the person is signed in, and signing out from afar."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from tessera.kit.actors import Actor
from tessera.kit.pages import Did, do_once, go, page, person_actor, signed_in
from tessera.people.accounts import own_id, sign_out_person
from tessera.people.actions.sessions import end_device, end_other_devices
from tessera.people.queries import list_devices

__all__ = ["device_sign_out", "devices", "other_devices_sign_out"]


@require_safe
@signed_in
def devices(request: HttpRequest) -> HttpResponse:
    """List the person's signed-in devices, this one first."""
    found = list_devices(own_id(request), current=request.session.session_key or "")
    return page(request, "people/devices.html", {"devices": found, "face": "me"})


@require_POST
@signed_in
def device_sign_out(request: HttpRequest, device: int) -> HttpResponse:
    """Sign out on one device, at once; this one too."""
    found = list_devices(own_id(request), current=request.session.session_key or "")
    if any(one.id == device and one.is_current for one in found):
        sign_out_person(request)
        return go(request, "/")

    def act(actor: Actor, now: datetime) -> Did:
        assert actor.id is not None
        end_device(person_id=actor.id, device_id=device, now=now, actor=actor)
        return Did(go="/me/devices", object_id=actor.id, say=gettext("Signed out on that device."))

    return do_once(request, act, actor=person_actor(request), verb="end_device", kind="person")


@require_POST
@signed_in
def other_devices_sign_out(request: HttpRequest) -> HttpResponse:
    """Sign out everywhere but here, at once."""
    kept = request.session.session_key or ""

    def act(actor: Actor, now: datetime) -> Did:
        assert actor.id is not None
        end_other_devices(person_id=actor.id, kept=kept, now=now, actor=actor)
        said = gettext("Signed out everywhere else.")
        return Did(go="/me/devices", object_id=actor.id, say=said)

    return do_once(request, act, actor=person_actor(request), verb="end_other_devices", kind="person")
