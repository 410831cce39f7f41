"""How registration and review say no (spec/events.md, steps 2 and 3)."""

from tessera.kit.refusals import Refusal

__all__ = [
    "AlreadyDecided",
    "AlreadyRegistered",
    "AnswerChoicesCount",
    "AnswerDayOutside",
    "AnswerFileTooLarge",
    "AnswerFileUnusable",
    "AnswerInvalid",
    "AnswerMissing",
    "AnswerNotDate",
    "AnswerNotNumber",
    "AnswerNotOffered",
    "AnswerTooLong",
    "ConsentNeeded",
    "DecisionNotLast",
    "DecisionUndone",
    "EventFull",
    "GuestHasArrived",
    "NameMissing",
    "PolicyInvalid",
    "QuotaNeedsCapacity",
    "QuotaReached",
    "ReasonMissing",
    "RegistrationClosed",
    "RegistrationFixed",
    "RegistrationNotOpen",
]


class RegistrationNotOpen(Refusal):
    """Registration begins later."""

    code = "registration_not_open"
    status = 409
    sentence = {"en": "Registration opens at {opens}.", "zh-Hans": "报名将于 {opens} 开始。"}


class RegistrationClosed(Refusal):
    """Registration has ended."""

    code = "registration_closed"
    status = 409
    sentence = {"en": "Registration closed at {closed}.", "zh-Hans": "报名已于 {closed} 截止。"}


class AlreadyRegistered(Refusal):
    """One registration per person and event."""

    code = "already_registered_for_event"
    status = 409
    sentence = {
        "en": "This person has registered for this event already.",
        "zh-Hans": "此人已报名本次活动。",
    }


class EventFull(Refusal):
    """No seat is left."""

    code = "event_full"
    status = 409
    sentence = {
        "en": "All {capacity} places are taken. Put the guest on the waitlist, or raise the capacity.",
        "zh-Hans": "{capacity} 个名额已满，可加入候补，或增加名额。",
    }


class QuotaReached(Refusal):
    """A group has as many accepted guests as its quota allows."""

    code = "quota_reached"
    status = 409
    sentence = {
        "en": "The quota for “{answer}” is used up: {most} places.",
        "zh-Hans": "“{answer}”的名额已用完（{most} 个）。",
    }


class ConsentNeeded(Refusal):
    """The guest has not agreed to what happens with the answers."""

    code = "registration_consent_missing"
    status = 422
    sentence = {
        "en": "Agree to the use of your answers for this event, or do not register.",
        "zh-Hans": "需同意主办方为本次活动使用您填写的内容，方可报名。",
    }


class NameMissing(Refusal):
    """A guest without a name."""

    code = "guest_name_missing"
    status = 422
    sentence = {"en": "Say how you would like to be called.", "zh-Hans": "请填写称呼。"}


class AnswerInvalid(Refusal):
    """An answer to a question that the event does not ask."""

    code = "answer_unknown"
    status = 422
    sentence = {
        "en": "The event does not ask “{question}” (any more).",
        "zh-Hans": "活动没有（或不再有）这个问题：“{question}”。",
    }


class AnswerMissing(Refusal):
    """A question that must be answered."""

    code = "answer_missing"
    status = 422
    sentence = {"en": "“{label}” needs an answer.", "zh-Hans": "请填写“{label}”。"}


class AnswerTooLong(Refusal):
    """A text that is longer than the question allows."""

    code = "answer_too_long"
    status = 422
    sentence = {
        "en": "“{label}” takes up to {most} characters.",
        "zh-Hans": "“{label}”最多 {most} 个字。",
    }


class AnswerNotOffered(Refusal):
    """A choice that is not among those offered."""

    code = "answer_not_offered"
    status = 422
    sentence = {
        "en": "Choose from what “{label}” offers.",
        "zh-Hans": "请在“{label}”的选项中选择。",
    }


class AnswerNotNumber(Refusal):
    """No whole number, or one outside of what the question allows."""

    code = "answer_not_number"
    status = 422
    sentence = {
        "en": "“{label}” takes a whole number from {least} to {most}.",
        "zh-Hans": "“{label}”须为 {least} 到 {most} 之间的整数。",
    }


class AnswerNotDate(Refusal):
    """No day of the calendar."""

    code = "answer_not_date"
    status = 422
    sentence = {
        "en": "“{label}” takes a day such as 1998-05-20.",
        "zh-Hans": "“{label}”须为日期，例如 1998-05-20。",
    }


class AnswerDayOutside(Refusal):
    """A day before the earliest or after the latest that the question takes."""

    code = "answer_day_outside"
    status = 422
    sentence = {
        "en": "“{label}” takes a day from {earliest} to {latest}.",
        "zh-Hans": "“{label}”须在 {earliest} 至 {latest} 之间。",
    }


class AnswerChoicesCount(Refusal):
    """Too few or too many choices."""

    code = "answer_choices_count"
    status = 422
    sentence = {
        "en": "Choose {least} to {most} of what “{label}” offers.",
        "zh-Hans": "“{label}”请选择 {least} 到 {most} 项。",
    }


class AnswerFileTooLarge(Refusal):
    """A file with more bytes than are taken."""

    code = "answer_file_too_large"
    status = 413
    sentence = {
        "en": "“{label}” takes a file of up to {most_mb} MB.",
        "zh-Hans": "“{label}”的文件最大 {most_mb} MB。",
    }


class AnswerFileUnusable(Refusal):
    """A file of a kind that is not taken."""

    code = "answer_file_unusable"
    status = 422
    sentence = {
        "en": "“{label}” takes a PDF or a picture (JPEG, PNG, WebP).",
        "zh-Hans": "“{label}”可上传 PDF 或图片（JPEG、PNG、WebP）。",
    }


class RegistrationFixed(Refusal):
    """Answers are changed only until somebody has decided."""

    code = "registration_fixed"
    status = 409
    sentence = {
        "en": "Answers can be changed only until the registration is decided.",
        "zh-Hans": "审核完成后不能再修改报名内容。",
    }


class GuestHasArrived(Refusal):
    """A guest who is here keeps the place."""

    code = "guest_has_arrived"
    status = 409
    sentence = {
        "en": "{name} has arrived already; the registration cannot be changed any more.",
        "zh-Hans": "{name}已签到，报名不能再改动。",
    }


class AlreadyDecided(Refusal):
    """The registration stands so already, or cannot go there from where it stands."""

    code = "registration_state_unfit"
    status = 409
    sentence = {
        "en": "This registration is {state}; that cannot be done with it.",
        "zh-Hans": "此报名的状态为“{state}”，不能这样处理。",
    }


class ReasonMissing(Refusal):
    """Who declines says why: the guest is told."""

    code = "decision_reason_missing"
    status = 422
    sentence = {
        "en": "Say why; the guest is told the reason.",
        "zh-Hans": "请填写原因，来宾会看到。",
    }


class DecisionNotLast(Refusal):
    """Something was decided since."""

    code = "decision_not_last"
    status = 409
    sentence = {
        "en": "Something was decided about this registration since then; look at its history.",
        "zh-Hans": "此后又有新的处理，请查看审核记录。",
    }


class DecisionUndone(Refusal):
    """A decision is undone once."""

    code = "decision_undone"
    status = 409
    sentence = {"en": "This decision has been undone already.", "zh-Hans": "此决定已撤销。"}


class PolicyInvalid(Refusal):
    """Review rules that cannot be followed; `place` says which one."""

    code = "review_policy_invalid"
    status = 422
    sentence = {
        "en": "The review rules cannot be followed: {place}.",
        "zh-Hans": "审核规则有误：{place}。",
    }


class QuotaNeedsCapacity(Refusal):
    """A share of the places without a number of places."""

    code = "quota_needs_capacity"
    status = 422
    sentence = {
        "en": "A quota in per cent needs a capacity. Set one, or give the quota as a number of guests.",
        "zh-Hans": "按百分比设配额需先设定活动名额；也可直接填写人数。",
    }
