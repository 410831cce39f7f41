"""How the room `notices` says no."""

from tessera.kit.refusals import Refusal

__all__ = [
    "BrowserInvalid",
    "ContextIncomplete",
    "MailCodeStale",
    "MailCodeWrong",
    "MailInvalid",
    "MailNotSent",
    "MailTooOften",
    "QuietInvalid",
    "TemplateUnknown",
]


class TemplateUnknown(Refusal):
    """A notice without words."""

    code = "template_unknown"
    status = 422
    sentence = {"en": "There is no notice “{given}”.", "zh-Hans": "没有名为“{given}”的通知模板。"}


class ContextIncomplete(Refusal):
    """A notice whose text could not be filled."""

    code = "context_incomplete"
    status = 422
    sentence = {
        "en": "The notice “{template}” needs “{missing}”.",
        "zh-Hans": "通知模板“{template}”缺少“{missing}”。",
    }


class BrowserInvalid(Refusal):
    """A subscription that no push service known here gave out."""

    code = "browser_invalid"
    status = 422
    sentence = {
        "en": "This browser's push service is not one that is used here. Notices stay in your inbox.",
        "zh-Hans": "此浏览器的推送服务不在可用之列，通知仍会出现在“消息”中。",
    }


class QuietInvalid(Refusal):
    """Quiet hours that are no hours of a day, or a time zone that does not exist."""

    code = "quiet_invalid"
    status = 422
    sentence = {
        "en": "Give both times of day, and a time zone as in Asia/Shanghai.",
        "zh-Hans": "请填写起止时间，时区按 Asia/Shanghai 的形式填写。",
    }


class MailInvalid(Refusal):
    """What cannot be an e-mail address."""

    code = "mail_invalid"
    status = 422
    sentence = {
        "en": "This is not an e-mail address; write it as in name@example.org.",
        "zh-Hans": "电子邮箱格式有误，请按 name@example.org 的形式填写。",
    }


class MailNotSent(Refusal):
    """The mail server did not take the code."""

    code = "mail_not_sent"
    status = 503
    sentence = {
        "en": "The code could not be sent just now. Try again in a few minutes.",
        "zh-Hans": "验证码暂时发不出去，请过几分钟再试。",
    }


class MailTooOften(Refusal):
    """Codes were asked for too often."""

    code = "mail_too_often"
    status = 429
    sentence = {
        "en": "A code was sent a moment ago. Ask again in {retry_after_s} seconds.",
        "zh-Hans": "验证码刚刚发送过，请 {retry_after_s} 秒后再试。",
    }


class MailCodeWrong(Refusal):
    """Not the code that was sent."""

    code = "mail_code_wrong"
    status = 422
    sentence = {
        "en": "This is not the code that was sent; {tries_left} tries are left.",
        "zh-Hans": "验证码不对，还可再试 {tries_left} 次。",
    }


class MailCodeStale(Refusal):
    """No code waits: too old, tried too often, or never asked for."""

    code = "mail_code_stale"
    status = 422
    sentence = {
        "en": "This code is no longer valid. Ask for a new one.",
        "zh-Hans": "验证码已失效，请重新获取。",
    }
