"""How the room `points` says no."""

from typing import Any

from tessera.kit.refusals import Refusal
from tessera.points.rules import reason_of

__all__ = [
    "AdjustmentReused",
    "BoundsInvalid",
    "NumberAlreadyJoined",
    "NumberUnknown",
    "ProgrammeInvalid",
    "RuleBackdated",
    "RuleEnded",
    "RuleInvalid",
    "RuleUnknown",
    "SkuUnknown",
    "TermsOutOfBounds",
]


class RuleInvalid(Refusal):
    """What was written makes no rule."""

    code = "rule_invalid"
    status = 422
    sentence = {
        "en": "This is not a rule: {reason}.",
        "zh-Hans": "规则内容有误：{reason}。",
    }

    def __init__(self, **details: Any) -> None:
        """`details` are those of points.rules.TermsInvalid; the reason in English is among them."""
        super().__init__(**{**details, "reason": reason_of(details, "en")})

    def message(self, language: str) -> str:
        """Return the sentence with its reason in `language`."""
        return self.sentence[language].format(reason=reason_of(self.details, language))


class RuleUnknown(Refusal):
    """There is no such rule, or it is another merchant's."""

    code = "rule_unknown"
    status = 404
    sentence = {
        "en": "There is no such earning rule.",
        "zh-Hans": "没有这条积分规则。",
    }


class RuleEnded(Refusal):
    """A rule that was ended gets no further version."""

    code = "rule_ended"
    status = 409
    sentence = {
        "en": "This rule was ended at {ended_at}. Publish a new rule instead.",
        "zh-Hans": "该规则已于 {ended_at} 终止，请另行发布新规则。",
    }


class RuleBackdated(Refusal):
    """What purchases of the past earn is not changed afterwards (spec/README.md, rule 5)."""

    code = "rule_backdated"
    status = 422
    sentence = {
        "en": "This would begin at {effective_from}, which is over; it may begin now ({earliest}) or later.",
        "zh-Hans": "生效时间 {effective_from} 已过，最早可从现在（{earliest}）起生效。",
    }


class ProgrammeInvalid(Refusal):
    """Terms for points that contradict one another or are out of bounds."""

    code = "programme_invalid"
    status = 422
    sentence = {
        "en": "These are not terms for points: {reason}.",
        "zh-Hans": "积分条款有误：{reason}。",
    }

    def __init__(self, **details: Any) -> None:
        """`details` are those of points.rules.TermsInvalid; the reason in English is among them."""
        super().__init__(**{**details, "reason": reason_of(details, "en")})

    def message(self, language: str) -> str:
        """Return the sentence with its reason in `language`."""
        return self.sentence[language].format(reason=reason_of(self.details, language))


class NumberUnknown(Refusal):
    """The merchant has no such customer number."""

    code = "number_unknown"
    status = 404
    sentence = {
        "en": "The merchant has no customer number “{number}”.",
        "zh-Hans": "该商户没有客户编号“{number}”。",
    }


class NumberAlreadyJoined(Refusal):
    """The customer number belongs to a person already."""

    code = "number_already_joined"
    status = 409
    sentence = {
        "en": "The customer number “{number}” already belongs to a member.",
        "zh-Hans": "客户编号“{number}”已归属一位会员。",
    }


class SkuUnknown(Refusal):
    """The merchant has no product with this article number."""

    code = "sku_unknown"
    status = 422
    sentence = {
        "en": "The merchant has no product with the SKU “{sku}”.",
        "zh-Hans": "该商户没有货号为“{sku}”的商品。",
    }


class AdjustmentReused(Refusal):
    """The merchant used this adjustment number before, for something else."""

    code = "adjustment_reused"
    status = 409
    sentence = {
        "en": "Adjustment {number} was already made with other contents.",
        "zh-Hans": "调整单“{number}”已登记过，且内容不同。",
    }


class TermsOutOfBounds(Refusal):
    """Terms for points that the operator's policy does not allow."""

    code = "terms_out_of_bounds"
    status = 422
    sentence = {
        "en": "The operator allows “{field}” from {least} to {most}.",
        "zh-Hans": "按运营方规定，“{field}”须在 {least} 到 {most} 之间。",
    }


class BoundsInvalid(Refusal):
    """Bounds that contradict one another, or are wider than the platform can hold."""

    code = "bounds_invalid"
    status = 422
    sentence = {
        "en": "The bounds contradict one another; the lowest may not be above the highest.",
        "zh-Hans": "上下限互相矛盾，下限不能高于上限。",
    }
