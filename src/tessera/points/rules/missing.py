"""Why a rule did not give more, and by how much it missed: for dry runs and receipts, not for the hot path."""

from collections.abc import Sequence
from datetime import UTC, datetime

from tessera.points.rules.basket import Accrual, Context, Line, Missed
from tessera.points.rules.book import RuleVersion, applies_at
from tessera.points.rules.counting import matching, same_products, why_not
from tessera.points.rules.terms import (
    CapTerms,
    CategoryTerms,
    MultiplierTerms,
    ProductTerms,
    SpendTerms,
    Tiers,
    tier_points,
)

__all__ = ["explained"]


def explained(
    accrual: Accrual, lines: Sequence[Line], versions: Sequence[RuleVersion], context: Context
) -> Accrual:
    """Return `accrual` with what missed under `versions`, which are in the order in which they count."""
    at = context.local.astimezone(UTC)
    everything: Sequence[int] = range(len(lines))
    left = everything
    missed: list[Missed] = []
    for version in versions:
        terms = version.terms
        outside = _outside(version, context, at)
        if outside is not None:
            missed.append(outside)
        elif isinstance(terms, MultiplierTerms):
            missed.extend(_multiplier(version, terms, context))
        elif not isinstance(terms, CapTerms):
            wanted, _ = matching(terms, lines, everything)
            mine, left = matching(terms, lines, left)
            others = tuple(i for i in wanted if i not in set(mine))
            if others:
                missed.append(_missed(version, "counted_by_other_rule", lines=others))
            if mine or not others:
                missed.extend(_base(version, lines, mine))
    for fired in accrual.fired:
        if fired.kind == "cap":
            cut = Missed(fired.rule_id, fired.version, fired.kind, "cap_reached", points=-fired.points)
            missed.append(cut)
    return accrual._replace(missed=tuple(missed))


def _missed(
    version: RuleVersion,
    code: str,
    *,
    quantity: int = 0,
    amount_minor: int = 0,
    points: int = 0,
    moment: datetime | None = None,
    wanted: tuple[str, ...] = (),
    lines: tuple[int, ...] = (),
) -> Missed:
    rule = (version.rule_id, version.version, version.kind)
    return Missed(*rule, code, quantity, amount_minor, points, moment, wanted, lines)


def _outside(version: RuleVersion, context: Context, at: datetime) -> Missed | None:
    if at < version.effective_from:
        return _missed(version, "not_yet", moment=version.effective_from)
    if version.effective_until is not None and version.effective_until <= at:
        return _missed(version, "over", moment=version.effective_until)
    if not applies_at(version, context.store_id):
        stores = tuple(sorted(str(store_id) for store_id in version.store_ids))
        return _missed(version, "other_store", wanted=stores)
    return None


def _multiplier(version: RuleVersion, terms: MultiplierTerms, context: Context) -> list[Missed]:
    code = why_not(terms, context)
    if code is None:
        return []
    wanted = {
        "other_level": tuple(sorted(terms.levels)),
        "other_day": tuple(str(day) for day in sorted(terms.weekdays)),
    }
    return [_missed(version, code, wanted=wanted.get(code, ()))]


def _base(version: RuleVersion, lines: Sequence[Line], mine: Sequence[int]) -> list[Missed]:
    match version.terms:
        case ProductTerms(tiers=tiers) if mine:
            groups = [tuple(group) for group in same_products(lines, mine)]
            found = [_next_tier(version, tiers, lines, group) for group in groups]
        case ProductTerms(tiers=tiers) | CategoryTerms(tiers=tiers):
            found = [_next_tier(version, tiers, lines, tuple(mine))]
        case SpendTerms(points=points, per_minor=per_minor):
            amount = sum(lines[i].amount_minor for i in mine)
            more = per_minor - amount % per_minor
            found = [_missed(version, "spend_more", amount_minor=more, points=points, lines=tuple(mine))]
        case _:
            found = []
    return [one for one in found if one is not None]


def _next_tier(
    version: RuleVersion, tiers: Tiers, lines: Sequence[Line], mine: tuple[int, ...]
) -> Missed | None:
    """Return how many pieces more reach the next tier that the pieces left over have not reached, if there is one."""
    pieces = sum(lines[i].quantity for i in mine)
    over = pieces % tiers[0][0]
    if pieces and not over:
        return None
    size = min(size for size, _ in tiers if size > over)
    more = size - over
    gain = tier_points(tiers, pieces + more) - tier_points(tiers, pieces)
    return _missed(version, "next_tier", quantity=more, points=gain, lines=mine)
