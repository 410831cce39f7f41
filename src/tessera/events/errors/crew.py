"""How crew, terminals and what they may do by themselves are refused (spec/events.md, step 5 and Offline door)."""

from tessera.kit.refusals import Refusal

__all__ = [
    "AlreadyCrew",
    "CrewEnded",
    "LeaseNotUsedUp",
    "PrinterUnknown",
    "TooManyTerminals",
    "UndoReasonMissing",
    "WalkInRegistered",
    "WalkInsClosed",
]


class AlreadyCrew(Refusal):
    """The person works at this door in this role already."""

    code = "already_crew"
    status = 409
    sentence = {
        "en": "This person already works at this door in this role.",
        "zh-Hans": "此人已是本场活动的入场人员，职责相同。",
    }


class CrewEnded(Refusal):
    """The person no longer works at this door."""

    code = "crew_ended"
    status = 409
    sentence = {
        "en": "This person no longer works at this door.",
        "zh-Hans": "此人已不再担任本场活动的入场人员。",
    }


class TooManyTerminals(Refusal):
    """One person has enough terminals at one event."""

    code = "too_many_terminals"
    status = 409
    sentence = {
        "en": "You already have {most} terminals at this event. Revoke one that is not in use.",
        "zh-Hans": "您在本场活动已启用 {most} 台终端，请先停用不再使用的。",
    }


class PrinterUnknown(Refusal):
    """The event has no such printer."""

    code = "printer_unknown"
    status = 422
    sentence = {"en": "This event has no such printer.", "zh-Hans": "本场活动没有这台打印机。"}


class LeaseNotUsedUp(Refusal):
    """The terminal still holds numbers; with as many more it would hold too many."""

    code = "lease_not_used_up"
    status = 409
    sentence = {
        "en": "This terminal still holds {unused} numbers; it may hold {most}.",
        "zh-Hans": "此终端还有 {unused} 个号码未用，最多可持有 {most} 个。",
    }


class WalkInsClosed(Refusal):
    """The organiser takes in nobody who has not registered."""

    code = "walk_ins_closed"
    status = 403
    sentence = {
        "en": "This event takes in registered guests only.",
        "zh-Hans": "本场活动仅接待已报名的来宾。",
    }


class WalkInRegistered(Refusal):
    """Who comes as a walk-in is an accepted guest: phone and code, or the ticket, admit him."""

    code = "walk_in_registered"
    status = 409
    sentence = {
        "en": "This phone number is already registered. Check in with the code or the ticket.",
        "zh-Hans": "此手机号已报名成功，请凭验证码或入场票签到。",
    }


class UndoReasonMissing(Refusal):
    """An arrival is undone with a reason."""

    code = "undo_reason_missing"
    status = 422
    sentence = {"en": "Say why the arrival is undone.", "zh-Hans": "请填写撤销签到的原因。"}
