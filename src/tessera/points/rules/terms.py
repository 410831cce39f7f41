"""What a rule of each kind says, and how that is written down and read back (spec/points.md, Earning rules)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from tessera.kit.amounts import MAX_AMOUNT, MAX_QUANTITY
from tessera.points.rules.reasons import TermsInvalid

__all__ = [
    "KINDS",
    "CapTerms",
    "CategoryTerms",
    "MultiplierTerms",
    "ProductTerms",
    "SpendTerms",
    "Terms",
    "terms_from",
    "terms_json",
    "tier_points",
]

Tiers = tuple[tuple[int, int], ...]
"""(pieces, points), the largest tier first."""

MAX_TIERS = 20
MAX_TIER_POINTS = 100_000
MAX_FACTOR = 1_000
MAX_NAMED = 5_000
"""Most products or categories that one rule names; a rule for more is a rule for a category, or for all."""


@dataclass(frozen=True, slots=True)
class ProductTerms:
    """Points for pieces of the same product; no `product_ids`: of any product."""

    product_ids: frozenset[UUID]
    tiers: Tiers


@dataclass(frozen=True, slots=True)
class CategoryTerms:
    """Points for pieces of these categories together."""

    category_ids: frozenset[UUID]
    tiers: Tiers


@dataclass(frozen=True, slots=True)
class SpendTerms:
    """`points` for every full `per_minor` (smallest unit of money) spent on the lines that this rule counts."""

    points: int
    per_minor: int


@dataclass(frozen=True, slots=True)
class MultiplierTerms:
    """Base points times num/den, where all that is named holds: level, the member's birthday, weekday (1: Monday)."""

    num: int
    den: int
    levels: frozenset[str]
    birthday: bool
    weekdays: frozenset[int]


@dataclass(frozen=True, slots=True)
class CapTerms:
    """Most points per person and merchant-local day."""

    points: int


Terms = ProductTerms | CategoryTerms | SpendTerms | MultiplierTerms | CapTerms


def tier_points(tiers: Tiers, quantity: int) -> int:
    """Return the points for `quantity` pieces: decomposed greedily by the largest tier (2 -> 3, 1 -> 1: 5 -> 7)."""
    points = 0
    for size, worth in tiers:
        if quantity >= size:
            times, quantity = divmod(quantity, size)
            points += times * worth
    return points


def terms_from(kind: str, written: Mapping[str, Any]) -> Terms:
    """Return the terms written as plain JSON values; raises TermsInvalid with the exact reason where they make no rule."""
    if kind not in _READERS:
        raise TermsInvalid("kind_unknown", "kind", given=kind, known=", ".join(KINDS))
    if not isinstance(written, Mapping):
        raise TermsInvalid("not_an_object")
    reader, names = _READERS[kind]
    unknown = sorted(set(written) - set(names))
    if unknown:
        raise TermsInvalid("term_unknown", kind=kind, given=unknown[0], known=", ".join(names))
    return reader(written)


def terms_json(terms: Terms) -> dict[str, Any]:
    """Return the terms as plain JSON values; `terms_from` reads them back."""
    match terms:
        case ProductTerms():
            return {"product_ids": _sorted(terms.product_ids), "tiers": _rising(terms.tiers)}
        case CategoryTerms():
            return {"category_ids": _sorted(terms.category_ids), "tiers": _rising(terms.tiers)}
        case SpendTerms():
            return {"points": terms.points, "per_minor": terms.per_minor}
        case MultiplierTerms():
            return {
                "num": terms.num,
                "den": terms.den,
                "levels": sorted(terms.levels),
                "birthday": terms.birthday,
                "weekdays": sorted(terms.weekdays),
            }
        case CapTerms():
            return {"points": terms.points}


def _sorted(ids: frozenset[UUID]) -> list[str]:
    return sorted(str(one) for one in ids)


def _rising(tiers: Tiers) -> list[dict[str, int]]:
    return [{"quantity": quantity, "points": points} for quantity, points in reversed(tiers)]


def _number(written: Mapping[str, Any], name: str, most: int) -> int:
    value = written.get(name)
    if type(value) is not int or not 1 <= value <= most:
        raise TermsInvalid("number_needed", name, least=1, most=most)
    return value


def _list(written: Mapping[str, Any], name: str) -> Sequence[Any]:
    value = written.get(name) or []
    if not isinstance(value, list | tuple):
        raise TermsInvalid("list_needed", name)
    return value


def _ids(written: Mapping[str, Any], name: str) -> frozenset[UUID]:
    named = _list(written, name)
    if len(named) > MAX_NAMED:
        raise TermsInvalid("too_many_named", name, most=MAX_NAMED)
    try:
        return frozenset(one if isinstance(one, UUID) else UUID(one) for one in named)
    except (ValueError, AttributeError, TypeError):
        raise TermsInvalid("ids_needed", name) from None


def _tiers(written: Mapping[str, Any]) -> Tiers:
    named = _list(written, "tiers")
    if not 1 <= len(named) <= MAX_TIERS:
        raise TermsInvalid("tiers_needed", "tiers", most=MAX_TIERS)
    pairs: list[tuple[int, int]] = []
    for one in named:
        if not isinstance(one, Mapping) or set(one) != {"quantity", "points"}:
            raise TermsInvalid("tier_incomplete", "tiers")
        pairs.append((_number(one, "quantity", MAX_QUANTITY), _number(one, "points", MAX_TIER_POINTS)))
    pairs.sort(reverse=True)
    for place, (quantity, points) in enumerate(pairs):
        smaller = tuple(pairs[place + 1 :])
        if smaller and smaller[0][0] == quantity:
            raise TermsInvalid("tier_twice", "tiers", pieces=quantity)
        # Else one more piece would give fewer points, and returning a piece would give some.
        already = tier_points(smaller, quantity - 1)
        if points < already:
            told = {"pieces": quantity, "points": points, "already": already, "fewer": quantity - 1}
            raise TermsInvalid("tier_falls", "tiers", **told)
    return tuple(pairs)


def _product(written: Mapping[str, Any]) -> ProductTerms:
    return ProductTerms(_ids(written, "product_ids"), _tiers(written))


def _category(written: Mapping[str, Any]) -> CategoryTerms:
    categories = _ids(written, "category_ids")
    if not categories:
        raise TermsInvalid("category_needed", "category_ids")
    return CategoryTerms(categories, _tiers(written))


def _spend(written: Mapping[str, Any]) -> SpendTerms:
    return SpendTerms(_number(written, "points", MAX_TIER_POINTS), _number(written, "per_minor", MAX_AMOUNT))


def _multiplier(written: Mapping[str, Any]) -> MultiplierTerms:
    levels = _list(written, "levels")
    weekdays = _list(written, "weekdays")
    birthday = written.get("birthday", False)
    if any(not isinstance(one, str) or not 0 < len(one) <= 100 or not one.isprintable() for one in levels):
        raise TermsInvalid("levels_needed", "levels")
    if any(type(day) is not int or not 1 <= day <= 7 for day in weekdays):
        raise TermsInvalid("weekdays_needed", "weekdays")
    if type(birthday) is not bool:
        raise TermsInvalid("birthday_needed", "birthday")
    num, den = _number(written, "num", MAX_FACTOR), _number({"den": 1, **written}, "den", MAX_FACTOR)
    if num == den:
        raise TermsInvalid("factor_of_one", "num")
    return MultiplierTerms(num, den, frozenset(levels), birthday, frozenset(weekdays))


def _cap(written: Mapping[str, Any]) -> CapTerms:
    return CapTerms(_number(written, "points", MAX_AMOUNT))


_READERS: Mapping[str, tuple[Callable[[Mapping[str, Any]], Terms], tuple[str, ...]]] = {
    "product": (_product, ("product_ids", "tiers")),
    "category": (_category, ("category_ids", "tiers")),
    "spend": (_spend, ("points", "per_minor")),
    "multiplier": (_multiplier, ("num", "den", "levels", "birthday", "weekdays")),
    "cap": (_cap, ("points",)),
}

KINDS = tuple(_READERS)
"""In the order in which they count: a line is counted by one rule of the first three kinds."""
