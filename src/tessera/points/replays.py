"""What past purchases would have earned by a rule that is still a draft, beside what they earn by the rules of today.

Purchases are told by a room above, wired in `site`; nothing is written (spec/points.md, Dry run).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from tessera.kit.clock import EPOCH
from tessera.points.queries import CapKey, current_book
from tessera.points.rules import CapTerms, Context, PastBasket, RuleVersion, applies_at, evaluate

__all__ = ["PASTS", "Changed", "Replay", "replay_week"]

MOST_PURCHASES = 2_000
_DAYS = 7
_SHOWN = 5


PASTS: list[Callable[[UUID, datetime, int], Sequence[PastBasket]]] = []
"""Functions of merchant, first moment and how many at most: the latest purchases since then, in the order of time."""


@dataclass(frozen=True, slots=True)
class Changed:
    """A purchase that would earn otherwise."""

    basket: PastBasket
    before: int
    after: int

    @property
    def change(self) -> int:
        """Points more, or (negative) fewer."""
        return self.after - self.before


@dataclass(frozen=True, slots=True)
class Replay:
    """The sums of a replay; `cut`: there were more purchases, only the latest were tried. `most_changed` come first."""

    days: int
    purchases: int
    before: int
    after: int
    changed: int
    cut: bool
    most_changed: Sequence[Changed]

    @property
    def change(self) -> int:
        """Points more, or (negative) fewer, in all."""
        return self.after - self.before


def replay_week(
    *, merchant_id: UUID, draft: RuleVersion | None, without: UUID | None = None, now: datetime
) -> Replay:
    """Return what the last seven days' purchases would earn with `draft` (or without a rule), beside today's rules.

    Both sides take the rules as they stand now, whatever held then; caps count from nothing on each day. At most
    MOST_PURCHASES are tried. Refuses `not_found`.
    """
    book = current_book(merchant_id)
    present = [_always(version) for version in book.in_force(now)]
    drafted = [
        version for version in present if version.rule_id not in {without, draft.rule_id if draft else None}
    ]
    if draft is not None:
        drafted.append(_always(draft))
    baskets = [
        basket
        for past in PASTS
        for basket in past(merchant_id, now - timedelta(days=_DAYS), MOST_PURCHASES + 1)
    ]
    cut = len(baskets) > MOST_PURCHASES
    baskets = baskets[-MOST_PURCHASES:]
    old, new = _earned(baskets, present), _earned(baskets, drafted)
    pairs = [Changed(basket, before, after) for basket, before, after in zip(baskets, old, new, strict=True)]
    changed = [one for one in pairs if one.change]
    changed.sort(key=lambda one: (-abs(one.change), one.basket.receipt_number))
    return Replay(_DAYS, len(baskets), sum(old), sum(new), len(changed), cut, changed[:_SHOWN])


def _always(version: RuleVersion) -> RuleVersion:
    return replace(version, effective_from=EPOCH, effective_until=None)


def _earned(baskets: Sequence[PastBasket], versions: Sequence[RuleVersion]) -> list[int]:
    caps = {version: version.terms for version in versions if isinstance(version.terms, CapTerms)}
    used: dict[CapKey, int] = {}
    earned = []
    for basket in baskets:
        keys = _keys(basket, caps)
        left = {rule: max(0, terms.points - used.get(key, 0)) for rule, (key, terms) in keys.items()}
        context = Context(
            basket.store_id, basket.local, basket.level, birthday=basket.birthday, caps_left=left
        )
        points = evaluate(basket.lines, versions, context).points
        for key, _terms in keys.values():
            used[key] = used.get(key, 0) + points
        earned.append(points)
    return earned


def _keys(basket: PastBasket, caps: Mapping[RuleVersion, CapTerms]) -> dict[UUID, tuple[CapKey, CapTerms]]:
    return {
        version.rule_id: ((basket.member_id, version.rule_id, basket.local.date()), terms)
        for version, terms in caps.items()
        if applies_at(version, basket.store_id)
    }
