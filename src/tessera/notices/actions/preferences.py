"""A person says how he wants to be told."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tessera.kit.actors import Actor
from tessera.kit.policies import adopt_policy
from tessera.notices.errors import BrowserInvalid, QuietInvalid
from tessera.notices.models import Delivery, MailAddress, Notice, OptOut, PushSubscription, QuietHours
from tessera.notices.push import allowed_endpoint, usable_keys
from tessera.notices.queries import QUIET_POLICY
from tessera.notices.rules import CHANNELS, SECURITY, Quiet
from tessera.notices.templates import KINDS

__all__ = [
    "adopt_quiet_hours",
    "choose_channels",
    "choose_quiet_hours",
    "forget_person",
    "subscribe_browser",
    "unsubscribe_browser",
]

_MOST_BROWSERS = 20


def choose_channels(
    *, person_id: UUID, refused: Collection[tuple[str, str]], now: datetime, actor: Actor
) -> None:
    """Let the person's opt-outs be exactly these (kind, channel) pairs; unknown pairs and safety are left out."""
    wanted = {
        (kind, channel)
        for kind, channel in refused
        if kind in KINDS and kind != SECURITY and channel in CHANNELS
    }
    rows = OptOut.objects.filter(person_id=person_id)
    for row in rows:
        if (row.kind, row.channel) not in wanted:
            row.delete()
    fresh = [OptOut(person_id=person_id, kind=kind, channel=channel, at=now) for kind, channel in wanted]
    OptOut.objects.bulk_create(fresh, ignore_conflicts=True)


def choose_quiet_hours(
    *, person_id: UUID, quiet: Quiet, time_zone: str, now: datetime, actor: Actor
) -> QuietHours:
    """Set the person's own quiet hours in his time zone; the same minute twice means never. Refuses `quiet_invalid`."""
    _check_quiet(quiet)
    try:
        ZoneInfo(time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise QuietInvalid from None
    hours = {"from_minute": quiet.from_minute, "to_minute": quiet.to_minute, "time_zone": time_zone}
    row, _ = QuietHours.objects.update_or_create(person_id=person_id, defaults=hours)
    return row


def adopt_quiet_hours(*, quiet: Quiet, now: datetime, actor: Actor) -> None:
    """Set the quiet hours of all who have not set their own (the operator's policy). Refuses `quiet_invalid`."""
    _check_quiet(quiet)
    value = {"from_minute": quiet.from_minute, "to_minute": quiet.to_minute}
    adopt_policy(name=QUIET_POLICY, value=value, now=now, actor=actor)


def _check_quiet(quiet: Quiet) -> None:
    if not all(0 <= minute < 24 * 60 for minute in (quiet.from_minute, quiet.to_minute)):
        raise QuietInvalid


def subscribe_browser(
    *,
    person_id: UUID,
    endpoint: str,
    public_key: str,
    secret: str,
    session_key: str,
    services: Collection[str],
    now: datetime,
    actor: Actor,
) -> PushSubscription:
    """Let pushes go to a browser as long as the session `session_key` lasts; a browser belongs to its last subscriber.

    `services` are the push services that may be called. Refuses `browser_invalid`.
    """
    if not allowed_endpoint(endpoint, services) or not usable_keys(public_key, secret):
        raise BrowserInvalid
    row, _ = PushSubscription.objects.update_or_create(
        endpoint=endpoint,
        defaults={
            "person_id": person_id,
            "public_key": public_key,
            "secret": secret,
            "session_key": session_key,
            "made_at": now,
        },
    )
    old = (
        PushSubscription.objects.filter(person_id=person_id).order_by("-made_at").values_list("pk", flat=True)
    )
    PushSubscription.objects.filter(pk__in=list(old[_MOST_BROWSERS : _MOST_BROWSERS * 2])).delete()
    return row


def unsubscribe_browser(*, person_id: UUID, endpoint: str, now: datetime, actor: Actor) -> None:
    """End the pushes to one of the person's browsers; one that is not his or not known stays as it is."""
    PushSubscription.objects.filter(person_id=person_id, endpoint=endpoint).delete()


def forget_person(*, person_id: UUID, now: datetime, actor: Actor) -> None:
    """Drop what this room keeps about a person who was erased; what has not left never leaves."""
    Delivery.objects.filter(notice__person_id=person_id, at__isnull=True).update(at=now, outcome="gone")
    for table in (OptOut, QuietHours, PushSubscription, MailAddress, Notice):
        table.objects.filter(person_id=person_id).delete()
