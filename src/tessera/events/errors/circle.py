"""How the circle says no (spec/events.md, step 8)."""

from tessera.kit.refusals import Refusal

__all__ = ["CircleClosed", "NotInCircle"]


class NotInCircle(Refusal):
    """The guest has not arrived yet."""

    code = "not_in_circle"
    status = 409
    sentence = {
        "en": "The circle opens for you once you have checked in at the door.",
        "zh-Hans": "签到入场后即可进入活动圈。",
    }


class CircleClosed(Refusal):
    """The circle was closed some time after the event."""

    code = "circle_closed"
    status = 410
    sentence = {"en": "This circle has closed.", "zh-Hans": "活动圈已关闭。"}
