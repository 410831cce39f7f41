"""The table of page permissions: one line for each method and address, filled by each room in tests/<room>/page_doors.py."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

__all__ = ["PageDoor", "everyone", "operators", "owners", "signed", "staff"]


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
