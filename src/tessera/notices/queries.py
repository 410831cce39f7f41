"""Reads of the room `notices`."""

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

from django.conf import settings

from tessera.kit.paging import Page, page_of, position_of
from tessera.kit.policies import find_policy
from tessera.notices.models import (
    Delivery,
    MailAddress,
    Notice,
    OptOut,
    PushSubscription,
    QuietHours,
    SmsMessage,
)
from tessera.notices.rules import DEFAULT_QUIET, Quiet

__all__ = [
    "QUIET_POLICY",
    "count_failed_deliveries",
    "count_failed_sms",
    "count_unread",
    "count_waiting_deliveries",
    "default_quiet",
    "export_person",
    "find_mail_address",
    "list_browsers",
    "list_notices",
    "list_opt_outs",
    "list_sms",
    "list_sms_kinds",
    "mail_addresses",
    "quiet_of",
]

QUIET_POLICY = "quiet_hours"
"""The policy's name; its value: from_minute, to_minute."""


def list_notices(
    person_id: UUID, *, unread: bool = False, cursor: str | None = None, limit: int = 50
) -> Page[Notice]:
    """Return the person's notices, newest first; `unread` leaves out what was read. Refuses `cursor_invalid`."""
    rows = Notice.objects.filter(person_id=person_id).order_by("-id")
    position = position_of(cursor)
    if position:
        rows = rows.filter(id__lt=position)
    if unread:
        rows = rows.filter(read_at__isnull=True)
    return page_of(list(rows[: limit + 1]), limit=limit, key=lambda notice: notice.id)


def count_unread(person_id: UUID) -> int:
    """Return how many notices the person has not read."""
    return Notice.objects.filter(person_id=person_id, read_at__isnull=True).count()


def default_quiet() -> Quiet:
    """Return the quiet hours of whoever has not set his own: the operator's policy, else 22:00 to 08:00."""
    value = find_policy(QUIET_POLICY)
    return Quiet(value["from_minute"], value["to_minute"]) if value else DEFAULT_QUIET


def quiet_of(person_ids: Collection[UUID]) -> dict[UUID, tuple[Quiet, str]]:
    """Return the quiet hours and time zone of each of these persons."""
    default = default_quiet()
    found = dict.fromkeys(person_ids, (default, str(settings.TESSERA_TIME_ZONE)))
    for row in QuietHours.objects.filter(person_id__in=list(person_ids)):
        found[row.person_id] = (Quiet(row.from_minute, row.to_minute), row.time_zone)
    return found


def list_opt_outs(person_id: UUID) -> set[tuple[str, str]]:
    """Return the (kind, channel) pairs that the person does not want."""
    return set(OptOut.objects.filter(person_id=person_id).values_list("kind", "channel"))


def mail_addresses(person_ids: Collection[UUID]) -> dict[UUID, str]:
    """Return the proven e-mail addresses of these persons."""
    rows = MailAddress.objects.filter(person_id__in=list(person_ids), proven_at__isnull=False)
    return dict(rows.values_list("person_id", "address"))


def find_mail_address(person_id: UUID, *, asked_since: datetime) -> MailAddress | None:
    """Return the address that waits for its code, asked for since that moment, or None."""
    rows = MailAddress.objects.filter(person_id=person_id, proven_at__isnull=True, asked_at__gte=asked_since)
    return rows.order_by("-asked_at").first()


def list_browsers(person_id: UUID) -> list[PushSubscription]:
    """Return the browsers that take pushes for the person, the newest first; at most 20 are kept."""
    return list(PushSubscription.objects.filter(person_id=person_id).order_by("-id")[:20])


def list_sms(
    *,
    kind: str = "",
    outcome: str = "",
    digest: bytes | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[SmsMessage]:
    """Return text messages, newest first, narrowed by kind, outcome and the keyed digest of a number."""
    rows = SmsMessage.objects.order_by("-id")
    position = position_of(cursor)
    if position:
        rows = rows.filter(id__lt=position)
    if kind:
        rows = rows.filter(kind=kind)
    if outcome:
        rows = rows.filter(outcome=outcome)
    if digest is not None:
        rows = rows.filter(phone_digest=digest)
    return page_of(list(rows[: limit + 1]), limit=limit, key=lambda row: row.id)


def list_sms_kinds() -> list[str]:
    """Return the kinds among the last thousand text messages."""
    return sorted(set(SmsMessage.objects.order_by("-id").values_list("kind", flat=True)[:1000]))


def count_failed_deliveries(since: datetime) -> Mapping[str, int]:
    """Return how many deliveries were given up since that moment, by channel."""
    counted: dict[str, int] = {}
    for channel in Delivery.objects.filter(outcome="failed", at__gte=since).values_list("channel", flat=True)[
        :10_000
    ]:
        counted[channel] = counted.get(channel, 0) + 1
    return counted


def count_failed_sms(since: datetime) -> int:
    """Return how many text messages could not leave since that moment, among the last ten thousand."""
    rows = SmsMessage.objects.order_by("-id").values_list("outcome", "sent_at")[:10_000]
    return sum(outcome == "failed" and sent_at >= since for outcome, sent_at in rows)


def count_waiting_deliveries(now: datetime) -> int:
    """Return how many deliveries are due and have not left; counted up to 10,000."""
    return len(Delivery.objects.filter(at__isnull=True, due_at__lte=now).values_list("pk")[:10_000])


def export_person(person_id: UUID) -> dict[str, object]:
    """Return everything this room keeps about the person, as plain JSON values."""
    quiet = QuietHours.objects.filter(person_id=person_id).first()
    return {
        "notices": [
            {
                "kind": notice.kind,
                "template": notice.template,
                "context": notice.context,
                "created_at": notice.created_at.isoformat(),
                "read_at": notice.read_at and notice.read_at.isoformat(),
                "delivered_at": notice.delivered_at and notice.delivered_at.isoformat(),
            }
            for notice in Notice.objects.filter(person_id=person_id).order_by("id")
        ],
        "not_wanted": [
            {"kind": kind, "channel": channel} for kind, channel in sorted(list_opt_outs(person_id))
        ],
        "quiet_hours": quiet
        and {"from_minute": quiet.from_minute, "to_minute": quiet.to_minute, "time_zone": quiet.time_zone},
        "mail_address": mail_addresses([person_id]).get(person_id),
        "browsers": [
            {"since": row.made_at.isoformat(), "endpoint": row.endpoint} for row in list_browsers(person_id)
        ],
    }
