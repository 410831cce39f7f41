"""What a rule and a programme say, in the reader's language: for the owner who writes them and the member who reads them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext

from tessera.catalog.queries import category_names, product_names
from tessera.kit.clock import EPOCH
from tessera.kit.reader import local_moment, reader_language, shown_money, shown_number
from tessera.merchants.queries import list_store_names
from tessera.points.rules import (
    CapTerms,
    CategoryTerms,
    MultiplierTerms,
    ProductTerms,
    Programme,
    RollingMonths,
    RuleVersion,
    SpendTerms,
    YearlyDate,
    cost_minor,
)

__all__ = [
    "Names",
    "factor_words",
    "kind_word",
    "names_for",
    "programme_sentences",
    "rule_note",
    "rule_sentence",
]

_NAMED = 3


@dataclass(frozen=True, slots=True)
class Names:
    """The names that sentences need, by id; `currency` and `zone` are the merchant's."""

    currency: str = "CNY"
    zone: ZoneInfo | None = None
    products: Mapping[UUID, str] = field(default_factory=dict)
    categories: Mapping[UUID, str] = field(default_factory=dict)
    stores: Mapping[UUID, str] = field(default_factory=dict)


def names_for(merchant_id: UUID, versions: Sequence[RuleVersion], *, currency: str, time_zone: str) -> Names:
    """Return the names that the sentences about these versions need."""
    products: set[UUID] = set()
    categories: set[UUID] = set()
    for version in versions:
        if isinstance(version.terms, ProductTerms):
            products |= set(sorted(version.terms.product_ids)[:_NAMED])
        elif isinstance(version.terms, CategoryTerms):
            categories |= set(sorted(version.terms.category_ids)[:_NAMED])
    stores = list_store_names(merchant_id) if any(version.store_ids for version in versions) else {}
    return Names(
        currency,
        ZoneInfo(time_zone),
        product_names(merchant_id, products),
        category_names(merchant_id, categories),
        stores,
    )


def kind_word(kind: str) -> str:
    """Return what a kind of rule is called."""
    return {
        "product": gettext("By product and pieces"),
        "category": gettext("By category"),
        "spend": gettext("By amount spent"),
        "multiplier": gettext("Multiplier"),
        "cap": gettext("Daily limit"),
    }[kind]


def rule_sentence(version: RuleVersion, names: Names) -> str:
    """Return what the rule gives, in one sentence without a full stop."""
    match version.terms:
        case ProductTerms(product_ids, tiers):
            of = (
                gettext("Pieces of the same product")
                if not product_ids
                else _listed(product_ids, names.products)
            )
            return gettext("{what}: {tiers}").format(what=of, tiers=_tiers(tiers))
        case CategoryTerms(category_ids, tiers):
            of = _listed(category_ids, names.categories)
            return gettext("Pieces of {what} together: {tiers}").format(what=of, tiers=_tiers(tiers))
        case SpendTerms(points, per_minor):
            return gettext("{points} for every full {money} spent").format(
                points=_points(points), money=shown_money(per_minor, names.currency)
            )
        case MultiplierTerms():
            return _multiplier(version.terms)
        case CapTerms(points):
            return gettext("At most {points} for each member and day").format(points=_points(points))


def rule_note(version: RuleVersion, names: Names) -> str:
    """Return where and when the rule applies; "" for everywhere and always."""
    parts = []
    if version.store_ids:
        parts.append(gettext("only in {stores}").format(stores=_listed(version.store_ids, names.stores)))
    if version.effective_from > EPOCH:
        parts.append(gettext("from {moment}").format(moment=_moment(version.effective_from, names)))
    if version.effective_until is not None:
        parts.append(gettext("until {moment}").format(moment=_moment(version.effective_until, names)))
    return " · ".join(parts)


def programme_sentences(programme: Programme, *, currency: str) -> list[str]:
    """Return the terms for points, one sentence for each: pending, expiry, unclaimed, cost."""
    days = programme.pending_days
    pending = (
        ngettext("Points become active {n} day after the purchase.", "Points become active {n} days after the purchase.", days)
        if days
        else gettext("Points become active at once.")
    )  # fmt: skip
    waiting = ngettext(
        "Points for a phone number without a member wait {n} day for their owner to register.",
        "Points for a phone number without a member wait {n} days for their owner to register.",
        programme.unclaimed_days,
    )
    told = [pending.format(n=days), _expiry(programme), waiting.format(n=programme.unclaimed_days)]
    if programme.point_cost_num:
        cost = shown_money(cost_minor(programme, 100), currency)
        told.append(gettext("100 points cost you {money}.").format(money=cost))
    return told


def _expiry(programme: Programme) -> str:
    match programme.expiry:
        case RollingMonths(months):
            words = ngettext(
                "Points expire {n} month after the purchase, at the end of that day.",
                "Points expire {n} months after the purchase, at the end of that day.",
                months,
            )
            return words.format(n=months)
        case YearlyDate(month, day):
            named = date(2000, month, day)
            shown = (
                date_format(named, "n月j日") if reader_language() == "zh-Hans" else date_format(named, "j F")
            )
            return gettext("Points expire each year at the end of {day}.").format(day=shown)
    return gettext("Points do not expire.")


def _multiplier(terms: MultiplierTerms) -> str:
    when = []
    if terms.birthday:
        when.append(gettext("on the member's birthday"))
    if terms.weekdays:
        when.append(
            gettext("on {days}").format(
                days=gettext(", ").join(_weekdays()[day - 1] for day in sorted(terms.weekdays))
            )
        )
    if terms.levels:
        when.append(gettext("for the level {levels}").format(levels=gettext(", ").join(sorted(terms.levels))))
    factor = factor_words(terms.num, terms.den)
    if not when:
        return gettext("All points times {factor}").format(factor=factor)
    return gettext("Points times {factor} {when}").format(factor=factor, when=gettext(" and ").join(when))


def factor_words(num: int, den: int) -> str:
    """Return num/den as people write it: 2, 1.5, or 4/3 where it does not end."""
    whole, rest = divmod(num, den)
    if not rest:
        return str(whole)
    digits = rest * 1000 // den
    return f"{whole}.{digits:03d}".rstrip("0") if rest * 1000 % den == 0 else f"{num}/{den}"


def _weekdays() -> list[str]:
    return [
        gettext("Mondays"), gettext("Tuesdays"), gettext("Wednesdays"), gettext("Thursdays"), gettext("Fridays"), gettext("Saturdays"),
        gettext("Sundays"),
    ]  # fmt: skip


def _tiers(tiers: Sequence[tuple[int, int]]) -> str:
    told = [
        ngettext("{pieces} piece gives {points}", "{pieces} pieces give {points}", pieces).format(
            pieces=shown_number(pieces), points=_points(points)
        )
        for pieces, points in reversed(tiers)
    ]
    return gettext("; ").join(told)


def _points(points: int) -> str:
    return ngettext("{n} point", "{n} points", points).format(n=shown_number(points))


def _listed(ids: frozenset[UUID], names: Mapping[UUID, str]) -> str:
    known = [names[one] for one in sorted(ids)[:_NAMED] if one in names]
    more = len(ids) - len(known)
    listed = gettext(", ").join(known)
    if not more:
        return listed
    return (
        gettext("{listed} and {n} more").format(listed=listed, n=more)
        if known
        else gettext("{n} chosen ones").format(n=more)
    )


def _moment(moment: datetime, names: Names) -> str:
    return local_moment(moment, names.zone)
