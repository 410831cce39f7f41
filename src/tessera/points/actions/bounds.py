"""The operator sets bounds to the terms for points; what was published before keeps its terms."""

from dataclasses import asdict
from datetime import datetime

from tessera.kit.actors import Actor
from tessera.kit.policies import adopt_policy
from tessera.points.bounds import BOUNDS_POLICY, WIDEST, Bounds
from tessera.points.errors import BoundsInvalid

__all__ = ["adopt_bounds"]


def adopt_bounds(*, bounds: Bounds, now: datetime, actor: Actor) -> None:
    """Let `bounds` hold for terms that are published from now on. Refuses `bounds_invalid`."""
    fine = (
        0 <= bounds.most_pending_days <= WIDEST.most_pending_days
        and 1 <= bounds.least_expiry_months <= 120
        and 1 <= bounds.least_unclaimed_days <= bounds.most_unclaimed_days <= WIDEST.most_unclaimed_days
    )
    if not fine:
        raise BoundsInvalid
    adopt_policy(name=BOUNDS_POLICY, value=asdict(bounds), now=now, actor=actor)
