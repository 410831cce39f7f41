"""News goes upwards through the outbox: a row in the same transaction, told afterwards to handlers wired in site."""

from datetime import datetime
from typing import Any

from tessera.kit.models import News

__all__ = ["tell"]


def tell(topic: str, body: dict[str, Any], *, now: datetime) -> None:
    """Write news on `topic` ("points.activated") in the current transaction; `body` is plain JSON, ids not personal data."""
    News.objects.create(topic=topic, body=body, happened_at=now)
