"""What a basket earns: base rules, then multipliers, rounded down once, then caps (spec/points.md, Earning rules).

This runs once for every purchase, on the hot path: whole numbers only, no fractions, no look-ups.
"""

from collections.abc import Sequence
from datetime import UTC

from tessera.kit.amounts import MAX_QUANTITY
from tessera.points.rules.basket import Accrual, Context, Fired, Line
from tessera.points.rules.book import RuleVersion, applies_at, is_open, order_of
from tessera.points.rules.counting import COUNT, matching, why_not
from tessera.points.rules.missing import explained
from tessera.points.rules.terms import CapTerms, MultiplierTerms

__all__ = ["evaluate"]


def evaluate(
    lines: Sequence[Line], versions: Sequence[RuleVersion], context: Context, *, explain: bool = False
) -> Accrual:
    """Return what `lines` earn under `versions`; a version outside of its window or store has no effect.

    One line is counted by one base rule: product before category before spend, then position, then the older rule.
    Multipliers multiply; the product is rounded down once; then the caps. `explain` also says what missed and by how
    much. Quantities and amounts were checked before: this asserts. Source: spec/points.md, Earning rules.
    """
    _assert_checked(lines)
    at = context.local.astimezone(UTC)
    line_points = [0] * len(lines)
    left: Sequence[int] = range(len(lines))
    fired: list[Fired] = []
    base, num, den = 0, 1, 1
    caps: list[tuple[RuleVersion, CapTerms]] = []
    ordered = versions if len(versions) < 2 else sorted(versions, key=order_of)
    for version in ordered:
        if not is_open(version, at) or not applies_at(version, context.store_id):
            continue
        terms = version.terms
        if isinstance(terms, CapTerms):
            caps.append((version, terms))
        elif isinstance(terms, MultiplierTerms):
            if why_not(terms, context) is None:
                num, den = num * terms.num, den * terms.den
                fired.append(Fired(version.rule_id, version.version, version.kind, 0, terms.num, terms.den))
        elif left:
            mine, left = matching(terms, lines, left)
            points, counted = COUNT[version.kind](terms, lines, mine, line_points)
            if points:
                base += points
                fired.append(
                    Fired(version.rule_id, version.version, version.kind, points, 1, 1, counted, tuple(mine))
                )
    points = _capped(base * num // den, caps, context, fired)
    accrual = Accrual(points, base, tuple(line_points), tuple(fired))
    if not explain:
        return accrual
    return explained(accrual, lines, ordered, context)


def _assert_checked(lines: Sequence[Line]) -> None:
    for line in lines:
        assert 0 < line.quantity <= MAX_QUANTITY, "the edge refuses such quantities"
        assert line.amount_minor >= 0, "the edge refuses such amounts"


def _capped(
    points: int, caps: Sequence[tuple[RuleVersion, CapTerms]], context: Context, fired: list[Fired]
) -> int:
    for version, terms in caps:
        allowed = max(0, context.caps_left.get(version.rule_id, terms.points))
        if points > allowed:
            cut = allowed - points
            fired.append(Fired(version.rule_id, version.version, version.kind, cut, counted=allowed))
            points = allowed
    return points
