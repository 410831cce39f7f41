"""The operator sets bounds to the terms for points; what was published before keeps its terms."""

from dataclasses import asdict
from datetime import datetime

from tessera.kit.actors import Actor
from tessera.kit.policies import adopt_policy
from tessera.points.bounds import BOUNDS_POLICY, WIDEST, Bounds, find_bounds
from tessera.points.errors import BoundsInvalid, TermsOutOfBounds

__all__ = ["adopt_bounds", "check_bounds"]


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


def check_bounds(*, pending_days: int, unclaimed_days: int, expiry_months: int | None) -> None:
    """See that terms lie within the operator's bounds; `expiry_months` None: points do not roll. Refuses `terms_out_of_bounds`."""
    bounds = find_bounds()
    asked: list[tuple[str, int, int, int]] = [
        ("pending_days", pending_days, 0, bounds.most_pending_days),
        ("unclaimed_days", unclaimed_days, bounds.least_unclaimed_days, bounds.most_unclaimed_days),
    ]
    if expiry_months is not None:
        asked.append(("months", expiry_months, bounds.least_expiry_months, 1200))
    for field, value, least, most in asked:
        if not least <= value <= most:
            raise TermsOutOfBounds(field=field, least=least, most=most)
