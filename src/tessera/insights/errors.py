"""How the room `insights` says no."""

from tessera.kit.refusals import Refusal

__all__ = ["RangeInvalid"]


class RangeInvalid(Refusal):
    """A range of days that is empty, backwards or too long."""

    code = "range_invalid"
    status = 422
    sentence = {
        "en": "A range has 1 to {most} days; {since} to {until} has {days}.",
        "zh-Hans": "日期范围应为 1 到 {most} 天，{since} 至 {until} 为 {days} 天。",
    }
