"""What fired and what missed, in words, for receipts and dry runs."""

import re
from collections.abc import Callable, Mapping
from datetime import tzinfo

from tessera.points.rules.basket import Fired, Missed

__all__ = ["describe", "singular"]

_WEEKDAYS = {
    "en": ("Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays"),
    "zh-Hans": ("周一", "周二", "周三", "周四", "周五", "周六", "周日"),
}

_AFTER_ONE = re.compile(r"(?<![\d.,/])(1 (?:base |more )?(?:point|pc|line))s\b")

_FIRED: Mapping[str, Mapping[str, str]] = {
    "product": {
        "en": "{rule}: {counted} pcs, {points} points",
        "zh-Hans": "{counted} 件{rule}得 {points} 分",
    },
    "category": {
        "en": "{rule}: {counted} pcs, {points} points",
        "zh-Hans": "{counted} 件{rule}得 {points} 分",
    },
    "spend": {
        "en": "{rule}: {money} spent, {points} points",
        "zh-Hans": "{rule}：消费 {money} 得 {points} 分",
    },
    "multiplier": {"en": "{rule}: points times {factor}", "zh-Hans": "{rule}：积分乘以 {factor}"},
    "cap": {
        "en": "{rule}: {counted} points were left for the day, {cut} not given",
        "zh-Hans": "{rule}：当日还可得 {counted} 分，超出的 {cut} 分未计",
    },
}

_MISSED: Mapping[str, Mapping[str, str]] = {
    "next_tier": {
        "en": "{rule}: {quantity} more for {points} more points",
        "zh-Hans": "{rule}：再买 {quantity} 件可多得 {points} 分",
    },
    "spend_more": {
        "en": "{rule}: spend {money} more for {points} more points",
        "zh-Hans": "{rule}：再消费 {money} 可多得 {points} 分",
    },
    "not_yet": {"en": "{rule}: begins {moment}", "zh-Hans": "{rule}：{moment} 起生效"},
    "over": {"en": "{rule}: ended {moment}", "zh-Hans": "{rule}：已于 {moment} 结束"},
    "other_store": {
        "en": "{rule}: does not apply in this store; it applies in {wanted}",
        "zh-Hans": "{rule}：本店不适用，适用门店：{wanted}",
    },
    "other_day": {"en": "{rule}: only on {wanted}", "zh-Hans": "{rule}：仅限{wanted}"},
    "other_level": {"en": "{rule}: only for the level {wanted}", "zh-Hans": "{rule}：仅限{wanted}会员"},
    "not_birthday": {"en": "{rule}: only on the member's birthday", "zh-Hans": "{rule}：仅限会员生日当天"},
    "cap_reached": {
        "en": "{rule}: the day's limit is reached, {points} points not given",
        "zh-Hans": "{rule}：已达当日上限，{points} 分未计",
    },
    "counted_by_other_rule": {
        "en": "{rule}: {lines} lines already counted by another rule",
        "zh-Hans": "{rule}：有 {lines} 行商品已按其他规则计分",
    },
}


def describe(
    found: Fired | Missed,
    language: str,
    *,
    rule: str = "",
    product: str = "",
    zone: tzinfo | None = None,
    stores: Mapping[str, str] | None = None,
    exponent: int = 2,
) -> str:
    """Return one plain sentence in `language` ("zh-Hans" or "en") without a full stop.

    `rule` is the rule's name, `product` the name of the only product it is about, where there is one. Moments are
    shown in `zone` (none: UTC), money with `exponent` decimal places, stores by the names in `stores` (id as text).
    """
    shown: dict[str, object] = {"rule": _quoted(product or rule, language), "points": found.points}
    if isinstance(found, Fired):
        shown |= {"counted": found.counted, "cut": -found.points, "money": _money(found.counted, exponent)}
        shown["factor"] = f"{found.num}/{found.den}" if found.den > 1 else str(found.num)
        return singular(_FIRED[found.kind][language].format_map(shown), language)
    shown |= {
        "quantity": found.quantity,
        "money": _money(found.amount_minor, exponent),
        "lines": len(found.lines),
        "moment": found.moment.astimezone(zone).strftime("%Y-%m-%d %H:%M") if found.moment else "",
        "wanted": _wanted(found, language, stores or {}),
    }
    return singular(_MISSED[found.code][language].format_map(shown), language)


def singular(sentence: str, language: str) -> str:
    """Return the sentence with its English nouns after a lone 1 in the singular; Chinese has no plural."""
    return _AFTER_ONE.sub(r"\1", sentence) if language == "en" else sentence


def _quoted(name: str, language: str) -> str:
    if not name:
        return {"en": "Rule", "zh-Hans": "商品"}[language]
    return f"“{name}”"


def _money(minor: int, exponent: int) -> str:
    if not exponent:
        return str(minor)
    whole, rest = divmod(minor, 10**exponent)
    return f"{whole}.{rest:0{exponent}}"


def _wanted(missed: Missed, language: str, stores: Mapping[str, str]) -> str:
    named: Mapping[str, Callable[[str], str]] = {
        "other_day": lambda day: _WEEKDAYS[language][int(day) - 1],
        "other_store": lambda store_id: _quoted(stores.get(store_id, store_id), language),
        "other_level": lambda level: _quoted(level, language),
    }
    between = {"en": ", ", "zh-Hans": "、"}[language]
    return between.join(named[missed.code](one) for one in missed.wanted)
