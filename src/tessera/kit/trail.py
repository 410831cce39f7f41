"""The audit trail: who did what (spec/README.md, rule 6)."""

from datetime import datetime
from typing import Any
from uuid import UUID

from tessera.kit.actors import Actor
from tessera.kit.models import AuditLine

__all__ = ["note"]


def note(
    *,
    actor: Actor,
    verb: str,
    object_kind: str,
    object_id: UUID | str = "",
    now: datetime,
    merchant_id: UUID | None = None,
    outcome: str = "done",
    details: dict[str, Any] | None = None,
) -> None:
    """Write one audit line in the current transaction. `details` must hold no personal data."""
    AuditLine.objects.create(
        happened_at=now,
        actor=actor.name,
        merchant_id=merchant_id or actor.merchant_id,
        verb=verb,
        object_kind=object_kind,
        object_id=str(object_id),
        outcome=outcome,
        details=details or {},
    )
