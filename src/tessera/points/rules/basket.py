"""What goes into the reckoning and what comes out of it: plain values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

__all__ = ["Accrual", "Context", "Fired", "Line", "Missed", "PastBasket", "fired_from"]


class Line(NamedTuple):
    """One line of a basket; `amount_minor` is what was paid for it, in the smallest unit of money."""

    product_id: UUID
    category_ids: tuple[UUID, ...]
    quantity: int
    amount_minor: int


class Context(NamedTuple):
    """Where, when and by whom a basket was bought.

    `local` is the merchant-local moment of the purchase, with its zone; `birthday` says that it is the member's;
    `caps_left` maps a cap's rule to the points that it still allows today (missing: all).
    """

    store_id: UUID | None
    local: datetime
    level: str
    birthday: bool
    caps_left: Mapping[UUID, int]


class Fired(NamedTuple):
    """A rule that took effect: its points (a cap's are what it cut, negative), or num/den for a multiplier.

    `lines` are places in the basket; `counted` is pieces for product and category rules, the smallest unit of money
    for spend rules, points allowed for caps. A tuple, because one is made for every purchase and kept with it: new
    fields go to the end and have a default.
    """

    rule_id: UUID
    version: int
    kind: str
    points: int = 0
    num: int = 1
    den: int = 1
    counted: int = 0
    lines: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Missed:
    """A rule that would have given more, why not (`code`), and what would have to be different.

    Codes: next_tier (`quantity` more for `points` more), spend_more (`amount_minor` more for `points` more), not_yet
    and over (`moment`), other_store (`wanted`: ids), other_day (`wanted`: weekdays), other_level (`wanted`: names),
    not_birthday, cap_reached (`points` cut), counted_by_other_rule (`lines`).
    """

    rule_id: UUID
    version: int
    kind: str
    code: str
    quantity: int = 0
    amount_minor: int = 0
    points: int = 0
    moment: datetime | None = None
    wanted: tuple[str, ...] = ()
    lines: tuple[int, ...] = ()


class Accrual(NamedTuple):
    """What a basket earns: `points` in the end, and how they came about.

    `base_points` are those before multipliers and caps, `line_points` the same shared out by line; `fired` are the
    rules that took effect, `missed`, where asked for, those that would have given more.
    """

    points: int
    base_points: int
    line_points: tuple[int, ...]
    fired: tuple[Fired, ...]
    missed: tuple[Missed, ...] = ()


@dataclass(frozen=True, slots=True)
class PastBasket:
    """A purchase as it was: whose, where, when (merchant-local), what, under which receipt."""

    purchase_id: UUID
    receipt_number: str
    member_id: UUID
    store_id: UUID | None
    local: datetime
    level: str
    birthday: bool
    lines: Sequence[Line]


def fired_from(written: Sequence[Any]) -> Fired:
    """Return what took effect as it was kept with a purchase: the tuple's fields as plain JSON values, in order."""
    rule_id, *rest = written
    fired = Fired(UUID(rule_id), *rest)
    return fired._replace(lines=tuple(fired.lines))
