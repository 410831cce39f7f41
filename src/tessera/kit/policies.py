"""The operator's policies: named values with their history. What a value means, the room that reads it knows."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from tessera.kit.actors import Actor
from tessera.kit.models import Policy

__all__ = ["adopt_policy", "find_policy", "list_policy_history"]


def find_policy(name: str) -> Mapping[str, Any]:
    """Return the value that holds now; empty where the operator has never decided."""
    value: Mapping[str, Any] | None = (
        Policy.objects.filter(name=name).order_by("-id").values_list("value", flat=True).first()
    )
    return value or {}


def adopt_policy(*, name: str, value: Mapping[str, Any], now: datetime, actor: Actor) -> Policy:
    """Let `value` (plain JSON, checked by the caller) hold from now on; earlier values stay on record."""
    return Policy.objects.create(name=name, value=dict(value), since=now, actor=actor.name)


def list_policy_history(names: Sequence[str], *, most: int = 50) -> Sequence[Policy]:
    """Return what was decided about these names, newest first, at most `most`."""
    return list(Policy.objects.filter(name__in=list(names)).order_by("-id")[:most])
