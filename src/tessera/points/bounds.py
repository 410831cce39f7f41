"""The bounds that the operator sets to every merchant's terms for points: a policy, read when terms are published."""

from dataclasses import asdict, dataclass

from tessera.kit.policies import find_policy
from tessera.points.errors import TermsOutOfBounds

__all__ = ["BOUNDS_POLICY", "WIDEST", "Bounds", "check_bounds", "find_bounds"]

BOUNDS_POLICY = "programme_bounds"
"""The policy's name; its value: the fields of Bounds."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """How far a merchant's terms may go."""

    most_pending_days: int = 365
    least_expiry_months: int = 1
    least_unclaimed_days: int = 1
    most_unclaimed_days: int = 3650


WIDEST = Bounds()
"""What holds where the operator has never decided; nothing may be wider."""


def find_bounds() -> Bounds:
    """Return the bounds that hold now."""
    value = find_policy(BOUNDS_POLICY)
    return Bounds(**{name: value.get(name, widest) for name, widest in asdict(WIDEST).items()})


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
