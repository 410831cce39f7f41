"""Why what was written makes no rule, in both languages: a code, the field it is about, and the numbers that matter."""

from collections.abc import Mapping
from typing import Any

__all__ = ["REASONS", "TermsInvalid", "reason_of"]

_FIELDS: Mapping[str, str] = {
    "points": "积分",
    "per_minor": "消费金额",
    "num": "倍数分子",
    "den": "倍数分母",
    "quantity": "件数",
    "tiers": "档位",
    "levels": "会员等级",
    "weekdays": "星期",
    "birthday": "会员生日",
    "product_ids": "商品",
    "category_ids": "分类",
    "stores": "门店",
    "position": "次序",
    "pending_days": "待生效天数",
    "unclaimed_days": "待领取天数",
    "point_cost_num": "每分成本的分子",
    "point_cost_den": "每分成本的分母",
}
"""Chinese words for the fields of terms; the English reader gets the field's own name."""

REASONS: Mapping[str, Mapping[str, str]] = {
    "kind_unknown": {
        "en": "“{given}” is not a kind of rule; known are {known}",
        "zh-Hans": "没有“{given}”这种规则，可用的有 {known}",
    },
    "not_an_object": {"en": "the terms must be an object", "zh-Hans": "规则条款必须是一个对象"},
    "term_unknown": {
        "en": "a {kind} rule has no term “{given}”; it has {known}",
        "zh-Hans": "{kind} 规则没有“{given}”这一项，可用的有 {known}",
    },
    "number_needed": {
        "en": "“{name}” must be a whole number from {least} to {most}",
        "zh-Hans": "“{name}”必须是 {least} 到 {most} 之间的整数",
    },
    "list_needed": {"en": "“{name}” must be a list", "zh-Hans": "“{name}”必须是列表"},
    "too_many_named": {"en": "“{name}” may name at most {most}", "zh-Hans": "“{name}”最多可列 {most} 个"},
    "ids_needed": {"en": "“{name}” must be a list of ids", "zh-Hans": "“{name}”必须是编号列表"},
    "tiers_needed": {
        "en": "“tiers” must name from 1 to {most} tiers",
        "zh-Hans": "档位须有 1 到 {most} 档",
    },
    "tier_incomplete": {"en": "a tier has a quantity and points", "zh-Hans": "每一档都要填件数和积分"},
    "tier_twice": {"en": "two tiers are for {pieces} pieces", "zh-Hans": "有两档都是 {pieces} 件"},
    "tier_falls": {
        "en": "{pieces} pieces would give {points} points, fewer than the {already} for {fewer}",
        "zh-Hans": "{pieces} 件只得 {points} 分，少于 {fewer} 件的 {already} 分",
    },
    "category_needed": {"en": "“category_ids” must name a category", "zh-Hans": "至少选一个分类"},
    "levels_needed": {"en": "“levels” must be a list of names", "zh-Hans": "会员等级必须是名称列表"},
    "weekdays_needed": {
        "en": "“weekdays” must be numbers from 1 (Monday) to 7 (Sunday)",
        "zh-Hans": "星期须为 1（周一）到 7（周日）",
    },
    "birthday_needed": {"en": "“birthday” must be true or false", "zh-Hans": "会员生日只能为是或否"},
    "factor_of_one": {"en": "a multiplier of 1 changes nothing", "zh-Hans": "1 倍不会改变积分"},
    "name_needed": {"en": "a rule has a name", "zh-Hans": "规则须有名称"},
    "ends_before": {"en": "it would end before it begins", "zh-Hans": "结束时间早于开始时间"},
    "store_unknown": {
        "en": "it names a store that is not the merchant's",
        "zh-Hans": "所选门店不属于该商户",
    },
    "product_unknown": {
        "en": "it names a product that is not the merchant's",
        "zh-Hans": "所选商品不属于该商户",
    },
    "category_unknown": {
        "en": "it names a category that is not the merchant's",
        "zh-Hans": "所选分类不属于该商户",
    },
    "day_unknown": {
        "en": "“{given}” is not a day of the year such as 12-31",
        "zh-Hans": "“{given}”不是一年中的日期，应如 12-31",
    },
    "expiry_unknown": {
        "en": "an expiry is none, months (1 to {most}) or a date such as 12-31",
        "zh-Hans": "有效期可为长期有效、若干个月（1 到 {most}）或每年固定日期（如 12-31）",
    },
    "expires_too_soon": {
        "en": "points would expire before they become active",
        "zh-Hans": "积分在生效前就会到期",
    },
}


class TermsInvalid(ValueError):  # noqa: N818 - an expected no, as refusals are
    """What was written makes no rule or programme: `code` of REASONS, the `field` to mend, and the sentence's numbers."""

    def __init__(self, code: str, field: str = "", **told: Any) -> None:
        assert code in REASONS, code
        super().__init__(code)
        self.code, self.field, self.told = code, field, told

    @property
    def details(self) -> dict[str, Any]:
        """All of it as plain JSON values; `reason_of` reads them."""
        return {"why": self.code, "field": self.field, **self.told}

    def __str__(self) -> str:
        return reason_of(self.details, "en")


def reason_of(details: Mapping[str, Any], language: str) -> str:
    """Return the reason in `language` ("zh-Hans" or "en"), without a full stop."""
    field = str(details.get("field", ""))
    name = _FIELDS.get(field, field) if language == "zh-Hans" else field
    return REASONS[details["why"]][language].format_map({**details, "name": name})
