"""How talk says no (spec/events.md, step 9)."""

from tessera.kit.refusals import Refusal

__all__ = [
    "AlreadyMuted",
    "AlreadyTalking",
    "MessageUnusable",
    "MessagesTooMany",
    "NotAgreed",
    "PersonUnavailable",
    "ReportHandled",
    "ReportOpen",
    "RequestAnswered",
    "RequestDeclined",
    "RequestOpen",
    "RequestsUsedUp",
    "TalkErased",
    "TalkMuted",
    "TalkWithSelf",
]


class RequestsUsedUp(Refusal):
    """As many requests as are allowed wait for an answer."""

    code = "requests_used_up"
    status = 409
    sentence = {
        "en": "{most} of your requests have not been answered yet. You can ask again as soon as one is.",
        "zh-Hans": "您已有 {most} 条请求尚未得到回复，有人回复后才能再发。",
    }


class RequestOpen(Refusal):
    """The same person was asked already and has not answered yet."""

    code = "request_open"
    status = 409
    sentence = {
        "en": "You have already asked this guest. You can write on once the request is accepted.",
        "zh-Hans": "您已向对方发出请求，对方接受后即可继续交谈。",
    }


class AlreadyTalking(Refusal):
    """The two have agreed to talk: write in the conversation."""

    code = "already_talking"
    status = 409
    sentence = {
        "en": "You are already talking with this guest. Write in that conversation.",
        "zh-Hans": "您与对方已可交谈，请直接在会话中发消息。",
    }


class RequestDeclined(Refusal):
    """The person who was asked did not accept; that holds for the whole circle."""

    code = "request_declined"
    status = 409
    sentence = {
        "en": "This guest did not accept your request. It cannot be sent again in this circle.",
        "zh-Hans": "对方未接受您的请求，在本活动圈内不能再次发送。",
    }


class RequestAnswered(Refusal):
    """The request was answered before."""

    code = "request_answered"
    status = 409
    sentence = {"en": "This request has already been answered.", "zh-Hans": "此请求已有答复。"}


class PersonUnavailable(Refusal):
    """Nobody here who can be written to: not in the circle, erased, or one of the two has blocked the other."""

    code = "person_unavailable"
    status = 404
    sentence = {
        "en": "This guest cannot be reached here. Check the number.",
        "zh-Hans": "在此无法联系这位来宾，请核对号码。",
    }


class TalkWithSelf(Refusal):
    """Nobody talks with himself."""

    code = "talk_with_self"
    status = 422
    sentence = {"en": "This is your own number.", "zh-Hans": "这是您自己的号码。"}


class NotAgreed(Refusal):
    """The request was not accepted, or not yet: nothing more can be written."""

    code = "talk_not_agreed"
    status = 409
    sentence = {
        "en": "You can write on once the request has been accepted.",
        "zh-Hans": "请求被接受后才能继续发消息。",
    }


class TalkMuted(Refusal):
    """The organiser lets this person write nothing in the circle, for `reason`."""

    code = "talk_muted"
    status = 403
    sentence = {
        "en": "The organiser does not let you write in this circle at the moment (“{reason}”).",
        "zh-Hans": "主办方已暂停您在本活动圈发言（“{reason}”）。",
    }


class MessageUnusable(Refusal):
    """Nothing to read, too long, or signs that are no text."""

    code = "message_unusable"
    status = 422
    sentence = {
        "en": "A message has 1 to {most} characters and no control characters.",
        "zh-Hans": "消息须有 1 到 {most} 个字，且不含控制字符。",
    }


class MessagesTooMany(Refusal):
    """More messages in a minute than anybody types."""

    code = "messages_too_many"
    status = 429
    sentence = {
        "en": "At most {most} messages a minute. Write on in {retry_after_s} s.",
        "zh-Hans": "每分钟最多 {most} 条消息，请在 {retry_after_s} 秒后再发。",
    }


class ReportOpen(Refusal):
    """The organiser has not yet looked at this person's last report about the same guest."""

    code = "report_open"
    status = 409
    sentence = {
        "en": "You have already reported this guest. The organiser has not looked at it yet.",
        "zh-Hans": "您已举报过这位来宾，主办方尚未处理。",
    }


class ReportHandled(Refusal):
    """Another organiser was faster."""

    code = "report_handled"
    status = 409
    sentence = {"en": "This report has already been handled.", "zh-Hans": "此举报已处理。"}


class AlreadyMuted(Refusal):
    """The guest may write nothing as it is."""

    code = "already_muted"
    status = 409
    sentence = {"en": "This guest is already muted.", "zh-Hans": "这位来宾已被禁言。"}


class TalkErased(Refusal):
    """The circle has closed; what was said in it is gone."""

    code = "talk_erased"
    status = 410
    sentence = {
        "en": "This circle has closed, and what was said in it has been erased.",
        "zh-Hans": "活动圈已关闭，其中的会话已删除。",
    }
