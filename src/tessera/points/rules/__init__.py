"""The arithmetic of earning: pure functions over frozen values, whole numbers only (spec/points.md, Earning)."""

from tessera.points.rules.basket import Accrual, Context, Fired, Line, Missed, PastBasket, fired_from
from tessera.points.rules.book import RuleBook, RuleVersion, applies_at
from tessera.points.rules.earning import evaluate
from tessera.points.rules.programme import (
    DEFAULT_PROGRAMME,
    LotTerms,
    Programme,
    RollingMonths,
    YearlyDate,
    cost_minor,
    expiry_from,
    expiry_json,
    lot_terms,
)
from tessera.points.rules.reasons import TermsInvalid, reason_of
from tessera.points.rules.sentences import describe, singular
from tessera.points.rules.terms import (
    KINDS,
    CapTerms,
    CategoryTerms,
    MultiplierTerms,
    ProductTerms,
    SpendTerms,
    Terms,
    terms_from,
    terms_json,
    tier_points,
)

__all__ = [
    "DEFAULT_PROGRAMME",
    "KINDS",
    "Accrual",
    "CapTerms",
    "CategoryTerms",
    "Context",
    "Fired",
    "Line",
    "LotTerms",
    "Missed",
    "MultiplierTerms",
    "PastBasket",
    "ProductTerms",
    "Programme",
    "RollingMonths",
    "RuleBook",
    "RuleVersion",
    "SpendTerms",
    "Terms",
    "TermsInvalid",
    "YearlyDate",
    "applies_at",
    "cost_minor",
    "describe",
    "evaluate",
    "expiry_from",
    "expiry_json",
    "fired_from",
    "lot_terms",
    "reason_of",
    "singular",
    "terms_from",
    "terms_json",
    "tier_points",
]
