"""How the door says no (spec/events.md, steps 5 and 6, Bad input)."""

from tessera.kit.refusals import Refusal

__all__ = [
    "AlreadyArrived",
    "DoorCodeWrong",
    "DoorNotOpen",
    "EventCancelled",
    "EventOver",
    "GuessesLocked",
    "GuestAmbiguous",
    "GuestUnknown",
    "NotPublished",
    "OtherEvent",
    "RegistrationCancelled",
    "RegistrationDeclined",
    "RegistrationPending",
    "RegistrationWaitlisted",
    "TerminalRevoked",
    "TicketUnknown",
]


class GuestUnknown(Refusal):
    """Nobody with this phone number has registered for the event."""

    code = "guest_unknown"
    status = 404
    sentence = {
        "en": "Nobody with this phone number has registered for this event.",
        "zh-Hans": "此手机号没有报名本次活动。",
    }


class TicketUnknown(Refusal):
    """A ticket that was never given out, or was replaced."""

    code = "ticket_unknown"
    status = 404
    sentence = {
        "en": "This ticket is not valid here. Ask for the phone number and the code.",
        "zh-Hans": "此票无效，请改用手机号和验证码。",
    }


class DoorCodeWrong(Refusal):
    """The verification code does not go with the phone number."""

    code = "door_code_wrong"
    status = 422
    sentence = {
        "en": "The code does not match. {tries_left} more tries, then a supervisor has to unlock.",
        "zh-Hans": "验证码不匹配，还可再试 {tries_left} 次，之后须由主管解锁。",
    }


class GuestAmbiguous(Refusal):
    """Several guests have these last four digits and this code."""

    code = "guest_ambiguous"
    status = 409
    sentence = {
        "en": "Several guests have these last four digits. Type the whole phone number.",
        "zh-Hans": "有多位来宾的手机尾号相同，请输入完整手机号。",
    }


class GuessesLocked(Refusal):
    """Too many wrong codes; `what` is "phone", "terminal" or "event"."""

    code = "guesses_locked"
    status = 429
    sentence = {
        "en": "Too many wrong codes. A supervisor has to unlock it; tickets can still be scanned.",
        "zh-Hans": "验证码错误次数过多，须由主管解锁；仍可扫票入场。",
    }


class RegistrationDeclined(Refusal):
    """The registration was declined."""

    code = "registration_declined"
    status = 403
    sentence = {"en": "The registration of {name} was declined.", "zh-Hans": "{name}的报名未通过。"}


class RegistrationCancelled(Refusal):
    """The guest or the organiser has cancelled the registration."""

    code = "registration_cancelled"
    status = 403
    sentence = {"en": "The registration of {name} was cancelled.", "zh-Hans": "{name}的报名已取消。"}


class RegistrationWaitlisted(Refusal):
    """The guest is on the waitlist."""

    code = "registration_waitlisted"
    status = 403
    sentence = {"en": "{name} is still on the waitlist.", "zh-Hans": "{name}仍在候补名单中。"}


class RegistrationPending(Refusal):
    """Nobody has decided about the registration yet."""

    code = "registration_pending"
    status = 403
    sentence = {
        "en": "The registration of {name} has not been decided yet.",
        "zh-Hans": "{name}的报名尚未审核。",
    }


class OtherEvent(Refusal):
    """A ticket of another event."""

    code = "other_event"
    status = 409
    sentence = {
        "en": "This ticket is for another event: {title}.",
        "zh-Hans": "此票属于另一场活动：{title}。",
    }


class DoorNotOpen(Refusal):
    """The doors open later."""

    code = "door_not_open"
    status = 409
    sentence = {"en": "The doors open at {opens}.", "zh-Hans": "{opens} 开始入场。"}


class EventOver(Refusal):
    """The event has ended."""

    code = "event_over"
    status = 409
    sentence = {"en": "This event is over.", "zh-Hans": "活动已结束。"}


class EventCancelled(Refusal):
    """The event does not take place."""

    code = "event_cancelled"
    status = 409
    sentence = {"en": "This event was cancelled.", "zh-Hans": "活动已取消。"}


class NotPublished(Refusal):
    """The event is still a draft."""

    code = "event_not_published"
    status = 409
    sentence = {"en": "This event is not published yet.", "zh-Hans": "活动尚未发布。"}


class AlreadyArrived(Refusal):
    """The guest is in: with a number, since when, through which door. `number` is the number, `shown` as on the badge."""

    code = "already_arrived"
    status = 409
    sentence = {
        "en": "{name} has already arrived: at {time}, number {shown}, {door}.",
        "zh-Hans": "{name}已签到：{time}，{shown} 号，{door}。",
    }


class TerminalRevoked(Refusal):
    """The terminal may no longer check anybody in; what it still holds is not taken."""

    code = "terminal_revoked"
    status = 403
    sentence = {
        "en": "This terminal has been revoked. Ask the organiser to set it up anew.",
        "zh-Hans": "此终端已停用，请联系主办方重新启用。",
    }
