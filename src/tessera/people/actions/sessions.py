"""Sessions end: on one device, on all others, or with the person's name."""

from datetime import datetime
from uuid import UUID

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session

from tessera.kit.actors import Actor
from tessera.kit.errors import NotFound
from tessera.notices.actions.inbox import send_notice
from tessera.notices.rules import SECURITY
from tessera.people.rules import device_name

__all__ = ["end_device", "end_other_devices", "forget_sign_ins", "tell_of_new_device"]


def end_device(*, person_id: UUID, device_id: int, now: datetime, actor: Actor) -> None:
    """Sign the person out on one device, at once. Refuses `not_found` for what is not his."""
    if not _end(person_id, id=device_id):
        raise NotFound


def end_other_devices(*, person_id: UUID, kept: str, now: datetime, actor: Actor) -> int:
    """Sign the person out everywhere but in the session with the key `kept`; return on how many devices."""
    return _end(person_id, kept=kept)


def forget_sign_ins(*, person_id: UUID, now: datetime, actor: Actor) -> None:
    """End every session of a person and take the passkeys away: part of erasing him."""
    _end(person_id)
    Authenticator.objects.filter(user_id=person_id).delete()


def _end(person_id: UUID, *, kept: str | None = None, **which: int) -> int:
    devices = UserSession.objects.filter(user_id=person_id, **which).exclude(session_key=kept or "")
    keys = list(devices.values_list("session_key", flat=True))
    Session.objects.filter(session_key__in=keys).delete()
    devices.delete()
    return len(keys)


def tell_of_new_device(*, person_id: UUID, session_key: str, now: datetime, actor: Actor) -> bool:
    """Tell the person where he is signed in elsewhere that it happened on a device not seen before; return whether.

    One device is like another when its browser names itself the same. Whoever is signed in nowhere else is not told.
    """
    rows = UserSession.objects.filter(user_id=person_id).order_by("-id")
    seen = dict(rows.values_list("session_key", "user_agent")[:100])
    fresh = seen.pop(session_key, "")
    if not seen or fresh in seen.values():
        return False
    send_notice(
        person_id=person_id,
        kind=SECURITY,
        template="new_device",
        context={"device": device_name(fresh) or "?"},
        now=now,
        actor=actor,
    )
    return True
