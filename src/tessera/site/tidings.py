"""News that people are told of: each becomes a notice in their inbox."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from tessera.events.queries.events import get_event
from tessera.events.queries.publishing import guests_to_tell
from tessera.kit.actors import SYSTEM
from tessera.kit.ids import show_id
from tessera.merchants.comparison import get_standing
from tessera.merchants.queries import get_merchant, list_owner_ids
from tessera.notices.actions.inbox import send_notice, send_notices
from tessera.notices.actions.preferences import forget_person

__all__ = [
    "forget_erased",
    "tell_approved",
    "tell_declined",
    "tell_event_cancelled",
    "tell_event_changed",
    "tell_reinstated",
    "tell_suspended",
]


def _tell_owners(merchant_id: UUID, template: str, now: datetime, *, reason: str | None = None) -> None:
    context = {
        "merchant": get_merchant(merchant_id).merchant.name,
        "merchant_id": show_id("mer", merchant_id),
    }
    if reason is not None:
        context["reason"] = reason
    for person_id in list_owner_ids(merchant_id):
        send_notice(
            person_id=person_id, kind="business", template=template, context=context, now=now, actor=SYSTEM
        )


def tell_approved(body: Mapping[str, Any], now: datetime) -> None:
    """Tell the owners that their merchant was approved."""
    _tell_owners(UUID(body["merchant_id"]), "merchant_approved", now)


def tell_declined(body: Mapping[str, Any], now: datetime) -> None:
    """Tell the owners that the application was declined, and why; not if it stands otherwise by now."""
    merchant_id = UUID(body["merchant_id"])
    declination = get_standing(merchant_id).declination
    if declination is not None:
        _tell_owners(merchant_id, "merchant_declined", now, reason=declination.reason)


def tell_suspended(body: Mapping[str, Any], now: datetime) -> None:
    """Tell the owners that their merchant was suspended, and why; not if that is over by now."""
    merchant_id = UUID(body["merchant_id"])
    suspension = get_standing(merchant_id).suspension
    if suspension is not None:
        _tell_owners(merchant_id, "merchant_suspended", now, reason=suspension.reason)


def tell_reinstated(body: Mapping[str, Any], now: datetime) -> None:
    """Tell the owners that their merchant's suspension was lifted."""
    _tell_owners(UUID(body["merchant_id"]), "merchant_reinstated", now)


def forget_erased(body: Mapping[str, Any], now: datetime) -> None:
    """Drop the inbox and the addresses of a person who was erased."""
    forget_person(person_id=UUID(body["person_id"]), now=now, actor=SYSTEM)


def tell_event_changed(body: Mapping[str, Any], now: datetime) -> None:
    """Tell who is accepted or waits when and where the event is now; not if it was cancelled since, or is over."""
    row = get_event(UUID(body["event_id"]), now=now)
    if row.status not in {"published", "running"}:
        return
    there = row.event.starts_at.astimezone(ZoneInfo(row.event.time_zone))
    context = {
        "title": row.event.title,
        "event_id": show_id("evt", row.event.pk),
        "starts_on": there.date().isoformat(),
        "starts_time": f"{there:%H:%M}",
        "place": row.event.place,
    }
    _tell_guests(row.event.pk, "event_changed", context, ("accepted", "waitlisted"), now)


def tell_event_cancelled(body: Mapping[str, Any], now: datetime) -> None:
    """Tell all who registered and were not declined that the event does not take place, and why."""
    event = get_event(UUID(body["event_id"]), now=now).event
    context = {
        "title": event.title,
        "event_id": show_id("evt", event.pk),
        "reason": event.cancellation.reason,
    }
    _tell_guests(event.pk, "event_cancelled", context, ("accepted", "waitlisted", "pending"), now)


def _tell_guests(
    event_id: UUID, template: str, context: Mapping[str, Any], states: Sequence[str], now: datetime
) -> None:
    send_notices(
        contexts=dict.fromkeys(guests_to_tell(event_id, states=states), context),
        kind="events",
        template=template,
        now=now,
        actor=SYSTEM,
    )
