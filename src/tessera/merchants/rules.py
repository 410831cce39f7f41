"""Pure rules about merchants: credit codes, scopes, roles, and when two merchants look like one."""

from collections.abc import Mapping
from typing import Literal, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

__all__ = [
    "MERCHANT_SCOPES",
    "ROLES",
    "ROLE_SCOPES",
    "SCOPES",
    "Role",
    "credit_code_fault",
    "is_credit_code",
    "is_time_zone",
    "status_of",
]

Role = Literal["owner", "manager", "cashier", "guide"]
ROLES: tuple[str, ...] = get_args(Role)

MERCHANT_SCOPES = (
    "members:read",
    "members:write",
    "merchants:read",
    "merchants:write",
    "catalog:read",
    "catalog:write",
    "purchases:read",
    "purchases:write",
    "points:write",
    "rules:read",
    "rules:write",
    "ledger:read",
    "events:read",
    "events:write",
    "arrivals:write",
    "circle:read",
    "circle:write",
)
SCOPES = (*MERCHANT_SCOPES, "operator")
"""What an API key may be allowed; `operator` includes all others and is for the platform's own keys."""

_COUNTER = frozenset(
    {"members:read", "merchants:read", "catalog:read", "purchases:read", "purchases:write", "rules:read"}
)
ROLE_SCOPES: Mapping[str, frozenset[str]] = {
    "owner": frozenset({*MERCHANT_SCOPES, "merchants:own"}),
    "manager": frozenset(MERCHANT_SCOPES),
    "cashier": _COUNTER,
    "guide": frozenset({"merchants:read", "catalog:read", "members:read"}),
}
"""What a role may do on pages, in the words of API keys; "merchants:own" (staff, keys, approval) is an owner's."""

_CHARACTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""GB 32100-2015, table 2: digits and capital letters without I, O, S, V, Z; the place is the value."""


def is_credit_code(code: str) -> bool:
    """Return whether `code` is a unified social credit code: 18 characters, check character right.

    Weights are powers of 3 modulo 31 and the weighted sum with the check character is a multiple of 31.
    Source: GB 32100-2015, 4.6; spec/membership.md, Merchants and customers.
    """
    if len(code) != 18 or any(character not in _CHARACTERS for character in code):
        return False
    values = [_CHARACTERS.index(character) for character in code]
    total = sum(value * pow(3, place, 31) for place, value in enumerate(values[:17]))
    return (total + values[17]) % 31 == 0


def credit_code_fault(code: str) -> str:
    """Return why `code` is no unified social credit code: "length", "character" or "check"; "" where it is one.

    Source: GB 32100-2015, 4.2 and 4.6.
    """
    if len(code) != 18:
        return "length"
    if any(character not in _CHARACTERS for character in code):
        return "character"
    return "" if is_credit_code(code) else "check"


def is_time_zone(name: str) -> bool:
    """Return whether the IANA database names this time zone."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def status_of(*, approved: bool, suspended: bool) -> str:
    """Return "pending", "active" or "suspended"; a suspension weighs more than a missing approval."""
    if suspended:
        return "suspended"
    return "active" if approved else "pending"
