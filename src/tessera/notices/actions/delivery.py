"""Notices leave through a port."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from tessera.kit.actors import Actor
from tessera.kit.ids import show_id
from tessera.notices.models import Notice
from tessera.notices.ports import PORTS, Letter
from tessera.notices.templates import text_of

__all__ = ["Address", "deliver_notices"]


@dataclass(frozen=True, slots=True)
class Address:
    """Where a person is reached, and in which language ("zh-Hans" or "en")."""

    phone: str
    language: str


def deliver_notices(
    *,
    port: str,
    data_dir: Path,
    addresses: Callable[[Collection[UUID]], dict[UUID, Address]],
    most: int = 200,
    now: datetime,
    actor: Actor,
) -> int:
    """Let up to `most` waiting notices leave through the port named ("console", "file"); return how many were taken.

    `addresses` tells where persons are reached; a notice to a person without address, and every notice when the port
    is "off", counts as taken and stays in the inbox. Two deliverers take different notices; one that dies before its
    transaction ends delivers again.
    """
    waiting = Notice.objects.select_for_update(skip_locked=True).filter(delivered_at__isnull=True)
    notices = list(waiting.order_by("id")[:most])
    send = PORTS.get(port)
    known = addresses({notice.person_id for notice in notices}) if send else {}
    for notice in notices:
        address = known.get(notice.person_id)
        if send and address:
            text = text_of(notice.template, notice.context, address.language)
            send(Letter(show_id("ntc", notice.id), address.phone, address.language, text, now), data_dir)
    Notice.objects.filter(pk__in=[notice.pk for notice in notices]).update(delivered_at=now)
    return len(notices)
