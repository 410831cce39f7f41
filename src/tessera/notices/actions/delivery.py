"""Notices leave the house: first each finds its channels, then each delivery goes its own way, once."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from tessera.kit.actors import Actor
from tessera.kit.ids import show_id
from tessera.notices.models import Delivery, Notice, OptOut, PushSubscription
from tessera.notices.ports import Letter, Mail
from tessera.notices.push import PushGone
from tessera.notices.queries import mail_addresses, quiet_of
from tessera.notices.rules import MOST_ATTEMPTS, SECURITY, channels_for, pause_after
from tessera.notices.templates import address_of, text_of

__all__ = ["Address", "Push", "Ways", "deliver_next", "spread_notices"]


@dataclass(frozen=True, slots=True)
class Address:
    """Where a person is reached by text message, and in which language ("zh-Hans" or "en")."""

    phone: str | None
    language: str


@dataclass(frozen=True, slots=True)
class Push:
    """A Web Push ready to leave: the browser, the title, the text, and the page it opens."""

    subscription: PushSubscription
    title: str
    text: str
    address: str
    tag: str


@dataclass(frozen=True, slots=True)
class Ways:
    """The ways out that are open here (None: closed). Each raises OSError when something could not leave."""

    sms: Callable[[Letter], None] | None = None
    email: Callable[[Mail], None] | None = None
    push: Callable[[Push], None] | None = None
    sender: str = "Tessera"
    """What mails and pushes are headed with: the operator's name."""


Addresses = Callable[[Collection[UUID]], Mapping[UUID, Address]]


def spread_notices(*, ways: Ways, addresses: Addresses, most: int = 200, now: datetime, actor: Actor) -> int:
    """Give up to `most` new notices their deliveries, one a channel; return how many notices were taken.

    A notice takes every open channel on which its person is reached and from which he has not opted out; within his
    quiet hours it waits for their end, unless it is about safety. Two at once take different notices.
    """
    waiting = Notice.objects.select_for_update(skip_locked=True).filter(delivered_at__isnull=True)
    notices = list(waiting.order_by("id")[:most])
    person_ids = {notice.person_id for notice in notices}
    places = _places(ways, addresses, person_ids)
    refused = _refused(person_ids)
    quiet = quiet_of(person_ids)
    deliveries = []
    for notice in notices:
        must = notice.kind == SECURITY
        hours, zone = quiet[notice.person_id]
        due_at = now if must else hours.ends_after(now, ZoneInfo(zone))
        reached = places.get(notice.person_id, {})
        no = refused.get((notice.person_id, notice.kind), set())
        deliveries += [
            Delivery(notice=notice, channel=channel, target=target, due_at=due_at)
            for channel in channels_for(reachable=reached, refused=no, must=must)
            for target in reached[channel]
        ]
    Delivery.objects.bulk_create(deliveries, ignore_conflicts=True)
    Notice.objects.filter(pk__in=[notice.pk for notice in notices]).update(delivered_at=now)
    return len(notices)


def deliver_next(*, ways: Ways, addresses: Addresses, now: datetime, actor: Actor) -> str | None:
    """Let one due delivery leave, in the caller's transaction; return its outcome ("" : it waits again), None: none due.

    Done ones are never taken again, others by one deliverer at a time; one who dies before his transaction ends
    delivers again. After a fault it waits 1, 2, 4 ... minutes, and is given up after MOST_ATTEMPTS. A notice that was
    read meanwhile needs no delivery.
    """
    due = Delivery.objects.select_for_update(skip_locked=True, of=("self",)).select_related("notice")
    delivery = due.filter(at__isnull=True, due_at__lte=now).order_by("due_at").first()
    if delivery is None:
        return None
    delivery.attempts += 1
    try:
        delivery.outcome = _leave(delivery, ways, addresses, now)
        delivery.fault = ""
    except OSError as fault:
        delivery.fault = type(fault).__name__
        delivery.due_at = now + pause_after(delivery.attempts)
        delivery.outcome = "failed" if delivery.attempts >= MOST_ATTEMPTS else ""
    delivery.at = now if delivery.outcome else None
    delivery.save(update_fields=["attempts", "fault", "due_at", "at", "outcome"])
    return delivery.outcome


def _leave(delivery: Delivery, ways: Ways, addresses: Addresses, now: datetime) -> str:
    notice = delivery.notice
    if notice.read_at is not None:
        return "read"
    address = addresses([notice.person_id]).get(notice.person_id)
    if address is None:
        return "gone"
    text = text_of(notice.template, notice.context, address.language)
    letter = Letter(show_id("ntc", notice.id), address.phone or "", address.language, text, now)
    leave = {"sms": _leave_by_sms, "email": _leave_by_mail, "push": _leave_by_push}[delivery.channel]
    return "sent" if leave(delivery, ways, letter) else "gone"


def _leave_by_sms(delivery: Delivery, ways: Ways, letter: Letter) -> bool:
    if not ways.sms or not letter.phone:
        return False
    ways.sms(letter)
    return True


def _leave_by_mail(delivery: Delivery, ways: Ways, letter: Letter) -> bool:
    to = mail_addresses([delivery.notice.person_id]).get(delivery.notice.person_id)
    if not ways.email or not to:
        return False
    ways.email(Mail(to, ways.sender, letter.text, letter.at))
    return True


def _leave_by_push(delivery: Delivery, ways: Ways, letter: Letter) -> bool:
    notice, target = delivery.notice, delivery.target
    assert target is not None, "a push names its browser"
    subscription = PushSubscription.objects.filter(person_id=notice.person_id, id=target).first()
    if not ways.push or subscription is None:
        return False
    opens = address_of(notice.template, notice.context)
    try:
        ways.push(Push(subscription, ways.sender, letter.text, opens, letter.notice))
    except PushGone:
        subscription.delete()
        return False
    return True


def _places(
    ways: Ways, addresses: Addresses, person_ids: Collection[UUID]
) -> dict[UUID, dict[str, Sequence[UUID | None]]]:
    """Return person -> open channel -> targets there (one None where the channel has a single place)."""
    places: dict[UUID, dict[str, Sequence[UUID | None]]] = {one: {} for one in person_ids}
    if ways.sms:
        for person_id, address in addresses(person_ids).items():
            if address.phone:
                places[person_id]["sms"] = [None]
    if ways.email:
        for person_id in mail_addresses(person_ids):
            places[person_id]["email"] = [None]
    if ways.push:
        rows = PushSubscription.objects.filter(person_id__in=person_ids).order_by("id")
        for person_id, target in rows.values_list("person_id", "id"):
            places[person_id]["push"] = [*places[person_id].get("push", ()), target]
    return places


def _refused(person_ids: Collection[UUID]) -> dict[tuple[UUID, str], set[str]]:
    refused: dict[tuple[UUID, str], set[str]] = {}
    rows = OptOut.objects.filter(person_id__in=person_ids)
    for person_id, kind, channel in rows.values_list("person_id", "kind", "channel"):
        refused.setdefault((person_id, kind), set()).add(channel)
    return refused
