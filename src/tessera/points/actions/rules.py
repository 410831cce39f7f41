"""Rules and programmes are published, version by version; nothing that was published is changed."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from tessera.catalog.queries import count_categories, count_products
from tessera.kit.actors import Actor
from tessera.merchants.actions.merchants import lock_merchant, next_rules_revision
from tessera.merchants.errors import MerchantInactive
from tessera.merchants.queries import count_stores, is_suspended
from tessera.points.bounds import check_bounds
from tessera.points.errors import ProgrammeInvalid, RuleBackdated, RuleEnded, RuleInvalid, RuleUnknown
from tessera.points.models import EarningRule, EarningRuleVersion, ProgrammeVersion
from tessera.points.rules import (
    CategoryTerms,
    ProductTerms,
    RollingMonths,
    Terms,
    TermsInvalid,
    expiry_from,
    expiry_json,
    terms_from,
    terms_json,
)

__all__ = [
    "MAX_POINT_COST",
    "MAX_POSITION",
    "end_rule",
    "publish_programme",
    "publish_rule",
    "publish_version",
]

MAX_POSITION = 1_000_000
MAX_POINT_COST = 1_000_000
"""Most that `point_cost_num` and `point_cost_den` may be: a cost per point with six digits on each side."""


def publish_rule(
    *,
    merchant_id: UUID,
    name: str,
    kind: str,
    terms: Mapping[str, Any],
    effective_from: datetime | None = None,
    effective_until: datetime | None = None,
    store_ids: Collection[UUID] = (),
    position: int = 0,
    now: datetime,
    actor: Actor,
) -> EarningRuleVersion:
    """Publish a new rule and return its first version; `effective_from` None means now, no `store_ids` all stores.

    `terms` are as in `tessera.points.rules.terms_from`. Refuses `not_found` (merchant), `rule_invalid`, and
    `rule_backdated` for a merchant's own key; the operator may let a new rule begin in the past, for a history that
    is yet to be imported. Source: spec/points.md, Earning rules.
    """
    lock_merchant(merchant_id)
    _refuse_suspended(merchant_id, actor)
    begins = effective_from or now
    if actor.merchant_id is not None:
        _refuse_past(begins, now)
    if not name.strip():
        raise RuleInvalid(**TermsInvalid("name_needed", "name").details)
    rule = EarningRule(merchant_id=merchant_id, name=name.strip(), kind=kind, created_at=now)
    checked = _checked(merchant_id, kind, terms, begins, effective_until, store_ids, position)
    rule.save(force_insert=True)
    return _add_version(
        merchant_id, rule, 1, checked, begins, effective_until, store_ids, position, now=now, actor=actor
    )


def publish_version(
    *,
    rule_id: UUID,
    terms: Mapping[str, Any],
    effective_from: datetime | None = None,
    effective_until: datetime | None = None,
    store_ids: Collection[UUID] = (),
    position: int = 0,
    now: datetime,
    actor: Actor,
) -> EarningRuleVersion:
    """Publish a further version of a rule: from its beginning on it stands in the place of all earlier ones.

    Refuses `rule_unknown`, `rule_ended`, `rule_invalid` and `rule_backdated`.
    """
    merchant_id, rule, version = _locked(rule_id, actor)
    _refuse_suspended(merchant_id, actor)
    begins = effective_from or now
    _refuse_past(begins, now)
    checked = _checked(merchant_id, rule.kind, terms, begins, effective_until, store_ids, position)
    return _add_version(
        merchant_id,
        rule,
        version,
        checked,
        begins,
        effective_until,
        store_ids,
        position,
        now=now,
        actor=actor,
    )


def end_rule(
    *, rule_id: UUID, ends_at: datetime | None = None, now: datetime, actor: Actor
) -> EarningRuleVersion:
    """End a rule for good at `ends_at` (None: now), by a last version whose window is empty.

    Purchases made before keep earning by it. Refuses `rule_unknown`, `rule_ended` and `rule_backdated`.
    """
    merchant_id, rule, version = _locked(rule_id, actor)
    moment = ends_at or now
    _refuse_past(moment, now)
    rule.ended_at = moment
    rule.save(update_fields=["ended_at"])
    last = EarningRuleVersion.objects.filter(rule=rule).order_by("-version")[0]
    terms = terms_from(rule.kind, last.terms)
    return _add_version(
        merchant_id, rule, version, terms, moment, moment, last.store_ids, last.position, now=now, actor=actor
    )


def publish_programme(
    *,
    merchant_id: UUID,
    effective_from: datetime | None = None,
    pending_days: int = 0,
    expiry: Mapping[str, Any] | None = None,
    unclaimed_days: int = 30,
    point_cost_num: int = 0,
    point_cost_den: int = 1,
    now: datetime,
    actor: Actor,
) -> ProgrammeVersion:
    """Publish a version of the merchant's terms for points; `expiry` is as in `tessera.points.rules.expiry_from`.

    A point costs num/den of the smallest unit of money. Points given before keep their terms. Refuses `not_found`,
    `programme_invalid`, `terms_out_of_bounds`, `merchant_inactive` (suspended), and `rule_backdated` unless it is the
    operator's first version for this merchant.
    """
    lock_merchant(merchant_id)
    _refuse_suspended(merchant_id, actor)
    begins = effective_from or now
    version = ProgrammeVersion.objects.filter(merchant_id=merchant_id).count() + 1
    if version > 1 or actor.merchant_id is not None:
        _refuse_past(begins, now)
    try:
        ends = expiry_from(expiry or {"kind": "none"})
    except TermsInvalid as fault:
        raise ProgrammeInvalid(**fault.details) from None
    for field, value, least, most in (
        ("pending_days", pending_days, 0, 365),
        ("unclaimed_days", unclaimed_days, 1, 3650),
        ("point_cost_num", point_cost_num, 0, MAX_POINT_COST),
        ("point_cost_den", point_cost_den, 1, MAX_POINT_COST),
    ):
        if type(value) is not int or not least <= value <= most:
            wrong = TermsInvalid("number_needed", field, least=least, most=most)
            raise ProgrammeInvalid(**wrong.details)
    if isinstance(ends, RollingMonths) and pending_days >= 28 * ends.months:
        raise ProgrammeInvalid(**TermsInvalid("expires_too_soon", "pending_days").details)
    check_bounds(
        pending_days=pending_days,
        unclaimed_days=unclaimed_days,
        expiry_months=ends.months if isinstance(ends, RollingMonths) else None,
    )
    return ProgrammeVersion.objects.create(
        merchant_id=merchant_id,
        version=version,
        revision=next_rules_revision(merchant_id=merchant_id, now=now, actor=actor),
        effective_from=begins,
        pending_days=pending_days,
        expiry=expiry_json(ends),
        unclaimed_days=unclaimed_days,
        point_cost_num=point_cost_num,
        point_cost_den=point_cost_den,
        created_at=now,
        actor=actor.name,
    )


def _locked(rule_id: UUID, actor: Actor) -> tuple[UUID, EarningRule, int]:
    """Lock the merchant and return its id, its rule, and the number of the rule's next version."""
    found = EarningRule.objects.filter(pk=rule_id).values_list("merchant_id", flat=True).first()
    if found is None or actor.merchant_id not in (None, found):
        raise RuleUnknown
    lock_merchant(found)
    rule = EarningRule.objects.get(pk=rule_id)
    if rule.ended_at is not None:
        raise RuleEnded(ended_at=rule.ended_at.isoformat())
    return found, rule, EarningRuleVersion.objects.filter(rule=rule).count() + 1


def _refuse_suspended(merchant_id: UUID, actor: Actor) -> None:
    """A suspended merchant publishes nothing new; ending a rule, and what the operator does, stay possible."""
    if actor.merchant_id is not None and is_suspended(merchant_id):
        raise MerchantInactive


def _refuse_past(begins: datetime, now: datetime) -> None:
    if begins < now:
        raise RuleBackdated(effective_from=begins.isoformat(), earliest=now.isoformat())


def _checked(
    merchant_id: UUID,
    kind: str,
    terms: Mapping[str, Any],
    begins: datetime,
    ends: datetime | None,
    store_ids: Collection[UUID],
    position: int,
) -> Terms:
    try:
        checked = terms_from(kind, terms)
        if ends is not None and ends < begins + timedelta(seconds=1):
            raise TermsInvalid("ends_before", "effective_until")
        if type(position) is not int or not -MAX_POSITION <= position <= MAX_POSITION:
            raise TermsInvalid("number_needed", "position", least=-MAX_POSITION, most=MAX_POSITION)
        if count_stores(merchant_id, store_ids) != len(set(store_ids)):
            raise TermsInvalid("store_unknown", "stores")
        if isinstance(checked, ProductTerms):
            ids = checked.product_ids
            if count_products(merchant_id, ids) != len(ids):
                raise TermsInvalid("product_unknown", "product_ids")
        elif isinstance(checked, CategoryTerms):
            ids = checked.category_ids
            if count_categories(merchant_id, ids) != len(ids):
                raise TermsInvalid("category_unknown", "category_ids")
    except TermsInvalid as fault:
        raise RuleInvalid(**fault.details) from None
    return checked


def _add_version(
    merchant_id: UUID,
    rule: EarningRule,
    version: int,
    terms: Terms,
    begins: datetime,
    ends: datetime | None,
    store_ids: Collection[UUID],
    position: int,
    *,
    now: datetime,
    actor: Actor,
) -> EarningRuleVersion:
    return EarningRuleVersion.objects.create(
        rule=rule,
        version=version,
        merchant_id=merchant_id,
        revision=next_rules_revision(merchant_id=merchant_id, now=now, actor=actor),
        terms=terms_json(terms),
        effective_from=begins,
        effective_until=ends,
        store_ids=sorted(set(store_ids)),
        position=position,
        created_at=now,
        actor=actor.name,
    )
