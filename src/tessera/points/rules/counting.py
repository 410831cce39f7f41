"""How each kind of base rule counts its lines, and how whole points are shared out among them."""

from collections.abc import Callable, Mapping, Sequence
from uuid import UUID

from tessera.points.rules.basket import Context, Line
from tessera.points.rules.terms import (
    CategoryTerms,
    MultiplierTerms,
    ProductTerms,
    SpendTerms,
    Terms,
    tier_points,
)

__all__ = ["COUNT", "matching", "same_products", "shares", "why_not"]


def why_not(terms: MultiplierTerms, context: Context) -> str | None:
    """Return the code of what keeps this multiplier from applying, or None."""
    if terms.levels and context.level not in terms.levels:
        return "other_level"
    if terms.birthday and not context.birthday:
        return "not_birthday"
    if terms.weekdays and context.local.isoweekday() not in terms.weekdays:
        return "other_day"
    return None


def matching(terms: Terms, lines: Sequence[Line], left: Sequence[int]) -> tuple[Sequence[int], Sequence[int]]:
    """Return the places in `left` that a base rule counts, and the rest."""
    mine: list[int] = []
    rest: list[int] = []
    if isinstance(terms, ProductTerms) and terms.product_ids:
        wanted = terms.product_ids
        for i in left:
            (mine if lines[i].product_id in wanted else rest).append(i)
    elif isinstance(terms, CategoryTerms):
        categories = terms.category_ids
        for i in left:
            (rest if categories.isdisjoint(lines[i].category_ids) else mine).append(i)
    else:
        return left, rest
    return mine, rest


def shares(total: int, weights: Sequence[int]) -> list[int]:
    """Return `total` shared out by weight, whole and without loss: the largest remainder first, then the earlier."""
    whole = sum(weights)
    if not whole:
        return [0] * len(weights)
    parts = [total * weight // whole for weight in weights]
    missing = total - sum(parts)
    if missing:
        by_remainder = sorted(range(len(weights)), key=lambda i: (-(total * weights[i] % whole), i))
        for i in by_remainder[:missing]:
            parts[i] += 1
    return parts


def same_products(lines: Sequence[Line], mine: Sequence[int]) -> Sequence[list[int]]:
    """Return the places in `mine`, those of the same product together."""
    if len(mine) == 1:
        return [list(mine)]
    groups: dict[UUID, list[int]] = {}
    for i in mine:
        groups.setdefault(lines[i].product_id, []).append(i)
    return list(groups.values())


def _count_products(
    terms: Terms, lines: Sequence[Line], mine: Sequence[int], line_points: list[int]
) -> tuple[int, int]:
    assert isinstance(terms, ProductTerms)
    points = pieces = 0
    for group in same_products(lines, mine):
        if len(group) == 1:
            quantity = lines[group[0]].quantity
            worth = line_points[group[0]] = tier_points(terms.tiers, quantity)
        else:
            quantity, worth = _share_pieces(terms.tiers, lines, group, line_points)
        points += worth
        pieces += quantity
    return points, pieces


def _count_category(
    terms: Terms, lines: Sequence[Line], mine: Sequence[int], line_points: list[int]
) -> tuple[int, int]:
    assert isinstance(terms, CategoryTerms)
    pieces, points = _share_pieces(terms.tiers, lines, mine, line_points)
    return points, pieces


def _share_pieces(
    tiers: tuple[tuple[int, int], ...], lines: Sequence[Line], mine: Sequence[int], line_points: list[int]
) -> tuple[int, int]:
    quantities = [lines[i].quantity for i in mine]
    pieces = sum(quantities)
    points = tier_points(tiers, pieces)
    for i, share in zip(mine, shares(points, quantities), strict=True):
        line_points[i] = share
    return pieces, points


def _count_spend(
    terms: Terms, lines: Sequence[Line], mine: Sequence[int], line_points: list[int]
) -> tuple[int, int]:
    assert isinstance(terms, SpendTerms)
    amounts = [lines[i].amount_minor for i in mine]
    amount = sum(amounts)
    points = amount // terms.per_minor * terms.points
    for i, share in zip(mine, shares(points, amounts), strict=True):
        line_points[i] = share
    return points, amount


COUNT: Mapping[str, Callable[[Terms, Sequence[Line], Sequence[int], list[int]], tuple[int, int]]] = {
    "product": _count_products,
    "category": _count_category,
    "spend": _count_spend,
}
