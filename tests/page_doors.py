"""The table of page permissions: one line for each method and address, filled by each room in tests/<room>/page_doors.py."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

__all__ = ["WORDS", "PageDoor", "everyone", "operators", "owners", "plain", "signed", "staff"]

WORDS = {
    "role": "owner", "chart": "points", "device": "999999", "passkey": "999999", "digits": "0" * 14, "name": "0" * 32,
    "size": "96", "upload": "0" * 32, "job": "999999",
    "width": "80", "height": "50",
    "news": "nws_" + "0" * 26,
}  # fmt: skip
"""What addresses name beside the cast's ids; devices, passkeys, pictures, uploads, jobs and news are those of nobody."""
ALSO = {"file": "import", "back": "return", "receipt": "purchase"}
"""Names in addresses that mean the same as a name of the cast."""


def plain(address: str) -> str:
    """Return an address with its names as the cast has them."""
    return re.sub(r"\{(\w+)\}", lambda found: "{" + ALSO.get(found[1], found[1]) + "}", address)


@dataclass(frozen=True)
class PageDoor:
    """The status that each of the cast gets at one address; `body` makes the form from the cast.

    visitor: signed out; member: registered, works nowhere; guide, cashier, manager, owner: of merchant A; other: owner of
    merchant B; operator: runs the platform, works nowhere. 302: sent to sign in.
    """

    visitor: int
    member: int
    guide: int
    cashier: int
    manager: int
    owner: int
    other: int
    operator: int
    body: Callable[[Any], dict[str, Any]] | None = None


def everyone(status: int = 200, body: Any = None) -> PageDoor:
    """A page for all, visitors too."""
    return PageDoor(*[status] * 8, body=body)


def signed(status: int = 200, body: Any = None) -> PageDoor:
    """A page for whoever is signed in."""
    return PageDoor(302, *[status] * 7, body=body)


def staff(
    status: int = 200, *, guide: int = 403, cashier: int = 200, manager: int | None = None, body: Any = None
) -> PageDoor:
    """A page of merchant A: its owner gets `status`, the manager too unless named; others find nothing."""
    return PageDoor(
        302, 404, guide, cashier, status if manager is None else manager, status, 404, 404, body=body
    )


def owners(status: int = 200, body: Any = None) -> PageDoor:
    """A page of merchant A for its owner alone."""
    return PageDoor(302, 404, 403, 403, 403, status, 404, 404, body=body)


def operators(status: int = 200, body: Any = None) -> PageDoor:
    """A page of the operator's console."""
    return PageDoor(302, *[404] * 6, status, body=body)
