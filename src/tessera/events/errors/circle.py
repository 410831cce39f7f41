"""How the circle says no (spec/events.md, step 8)."""

from tessera.kit.refusals import Refusal

__all__ = [
    "CircleClosed",
    "CircleTermsInvalid",
    "JotterFull",
    "NotInCircle",
    "OwnNumber",
    "ProfileFieldAbsent",
    "ProfileTextUnusable",
]


class NotInCircle(Refusal):
    """The guest has not arrived yet."""

    code = "not_in_circle"
    status = 409
    sentence = {
        "en": "The circle opens for you once you have checked in at the door.",
        "zh-Hans": "签到后即可进入活动圈。",
    }


class CircleClosed(Refusal):
    """The circle was closed some time after the event."""

    code = "circle_closed"
    status = 410
    sentence = {"en": "This circle has closed.", "zh-Hans": "活动圈已关闭。"}


class OwnNumber(Refusal):
    """A guest wants to note his own number."""

    code = "own_number"
    status = 422
    sentence = {"en": "{number} is your own number.", "zh-Hans": "{number} 号是您自己的号码。"}


class JotterFull(Refusal):
    """More numbers than one jotter holds."""

    code = "jotter_full"
    status = 409
    sentence = {
        "en": "The jotter holds {most} numbers. Remove one first.",
        "zh-Hans": "号码本最多记 {most} 个号码，请先删去一个。",
    }


class ProfileTextUnusable(Refusal):
    """What a guest says about himself is too long or holds characters that nobody can see."""

    code = "profile_text_unusable"
    status = 422
    sentence = {
        "en": "Use up to {most} characters that can be seen.",
        "zh-Hans": "最多 {most} 个字，且不能含有看不见的字符。",
    }


class ProfileFieldAbsent(Refusal):
    """The organiser of the event has left this field out of the circle."""

    code = "profile_field_absent"
    status = 409
    sentence = {
        "en": "The circle of this event has no field “{field}”.",
        "zh-Hans": "本次活动圈没有“{field}”这一项。",
    }


class CircleTermsInvalid(Refusal):
    """Terms of a circle that do not fit."""

    code = "circle_terms_invalid"
    status = 422
    sentence = {
        "en": "{field} is a whole number from {least} to {most}.",
        "zh-Hans": "{field}须为 {least} 到 {most} 的整数。",
    }
