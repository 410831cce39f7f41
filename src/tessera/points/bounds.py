"""The bounds that the operator sets to every merchant's terms for points: a policy, read when terms are published."""

from dataclasses import asdict, dataclass

from tessera.kit.policies import find_policy

__all__ = ["BOUNDS_POLICY", "WIDEST", "Bounds", "find_bounds"]

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
