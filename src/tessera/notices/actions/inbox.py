"""Notices are sent and read."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from tessera.kit.actors import Actor
from tessera.kit.errors import NotFound
from tessera.kit.live import person_topic, tell_live, tell_now
from tessera.notices.models import Notice
from tessera.notices.templates import check_context

__all__ = ["mark_all_read", "mark_read", "send_notice", "send_notices"]


def send_notice(
    *, person_id: UUID, kind: str, template: str, context: Mapping[str, Any], now: datetime, actor: Actor
) -> Notice:
    """Put a notice into the person's inbox; an open page of his is told, a delivery port takes it from there later.

    `context` holds plain JSON values for the template. Refuses `template_unknown` and `context_incomplete`.
    """
    check_context(template, context)
    tell_live(person_topic(person_id), "inbox")
    return Notice.objects.create(
        person_id=person_id, kind=kind, template=template, context=dict(context), created_at=now
    )


def send_notices(
    *, contexts: Mapping[UUID, Mapping[str, Any]], kind: str, template: str, now: datetime, actor: Actor
) -> int:
    """Put a notice into the inbox of each person (id -> context), thousands at once; return how many those are.

    Promises and refuses as `send_notice`.
    """
    for context in contexts.values():
        check_context(template, context)
    rows = [
        Notice(person_id=person_id, kind=kind, template=template, context=dict(context), created_at=now)
        for person_id, context in contexts.items()
    ]
    Notice.objects.bulk_create(rows, batch_size=2_000)
    words = [(person_topic(person_id), "inbox") for person_id in contexts]
    transaction.on_commit(lambda: tell_now(words))
    return len(rows)


def mark_read(*, notice_id: UUID, person_id: UUID, now: datetime, actor: Actor) -> Notice:
    """Note that the person has read the notice; the first time counts. Refuses `not_found`."""
    notice = Notice.objects.select_for_update().filter(pk=notice_id, person_id=person_id).first()
    if notice is None:
        raise NotFound
    if notice.read_at is None:
        notice.read_at = now
        notice.save(update_fields=["read_at"])
    return notice


def mark_all_read(*, person_id: UUID, now: datetime, actor: Actor) -> int:
    """Note that the person has read everything in his inbox; return how many notices that were."""
    return Notice.objects.filter(person_id=person_id, read_at__isnull=True).update(read_at=now)
