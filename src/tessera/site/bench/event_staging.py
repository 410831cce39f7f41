"""Events for a benchmark: published, doors open, with guests, terminals and leases."""

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

__all__ = ["prepare"]

_LEASE = 1_000


def prepare(asked: dict[str, Any]) -> Callable[[], dict[str, Any]]:
    """Return the run: put `events` (tag -> guests) on the stage, each with `terminals` that hold a lease."""
    from tessera.site.command import prepare_django

    prepare_django()
    return lambda: {tag: _event(asked, tag, guests) for tag, guests in asked["events"].items()}


def _event(asked: dict[str, Any], tag: str, guests: int) -> dict[str, Any]:
    from django.db import transaction

    from tessera.kit import clock
    from tessera.kit.ids import show_id
    from tessera.kit.sql import statement
    from tessera.site.bench.staging import owner_connection

    now = clock.now()
    with transaction.atomic():
        event_id, credentials, leases = _open(asked, guests, now)
    named = {"event": event_id, "tag": tag, "first": 0, "last": guests - 1, "now": now}
    with owner_connection() as owner:
        owner.execute(statement("site.bench", "event_guests").encode(), named)
        owner.execute("VACUUM (ANALYZE) events_registration")
    return {
        "event": show_id("evt", event_id),
        "tag": tag,
        "guests": guests,
        "credentials": credentials,
        "leases": leases,
        "at": now.isoformat(),
    }


def _open(asked: dict[str, Any], guests: int, now: datetime) -> tuple[UUID, list[str], list[int]]:
    from tessera.events.models import Event, Lease, Numbering, Publication, Seats, Terminal
    from tessera.events.rules.door import default_offline_start
    from tessera.events.terminals import digest_of_credential, new_credential

    offline = default_offline_start(start=1, capacity=guests)
    event = Event.objects.create(
        merchant_id=asked["merchant"], title="Bench", starts_at=now, ends_at=now + timedelta(hours=6),
        doors_at=now - timedelta(hours=1), registration_from=now - timedelta(days=1), registration_until=now,
        offline_start=offline, number_width=5, created_at=now, changed_at=now,
    )  # fmt: skip
    Seats.objects.create(event=event, capacity=guests, taken=guests)
    Publication.objects.create(event=event, at=now, actor="bench")
    credentials, leases = [], []
    block = offline
    for place in range(asked["terminals"]):
        secret = new_credential()
        terminal = Terminal.objects.create(
            event_id=event.id, door=f"Door {place + 1}", digest=digest_of_credential(secret),
            vault_key=secrets.token_bytes(32), made_at=now,
        )  # fmt: skip
        Lease.objects.create(
            event_id=event.id,
            first_number=block,
            last_number=block + _LEASE - 1,
            terminal_id=terminal.id,
            at=now,
        )
        credentials.append(secret)
        leases.append(block)
        block += _LEASE
    Numbering.objects.create(event_id=event.id, next_number=1, run_end=offline, next_block=block)
    return event.id, credentials, leases
