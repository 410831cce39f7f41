"""How the kit says no."""

from tessera.kit.refusals import Refusal

__all__ = [
    "AmountInvalid",
    "Busy",
    "CursorInvalid",
    "DatabaseAway",
    "IdReused",
    "MethodNotAllowed",
    "NotFound",
    "PhoneInvalid",
    "RequestIdMissing",
    "RequestInvalid",
    "ScopeMissing",
    "TooLarge",
    "Unauthenticated",
]


class IdReused(Refusal):
    """A request id that was used before with another body (spec/README.md, rule 1)."""

    code = "id_reused"
    status = 422
    sentence = {
        "en": "The request id “{request_id}” was already used for something else. Send a new id.",
        "zh-Hans": "请求编号“{request_id}”已用于另一项内容，请换一个新的编号。",
    }


class RequestIdMissing(Refusal):
    """A write without a usable request id."""

    code = "request_id_missing"
    status = 400
    sentence = {
        "en": "Send an Idempotency-Key header of 1 to 128 visible characters with every write.",
        "zh-Hans": "每个写请求都须带 Idempotency-Key 请求头，长度为 1 到 128 个可见字符。",
    }


class RequestInvalid(Refusal):
    """A body or parameter that could not be understood."""

    code = "request_invalid"
    status = 422
    sentence = {
        "en": "The request could not be understood: {reason}.",
        "zh-Hans": "请求内容无法识别：{reason}。",
    }


class AmountInvalid(Refusal):
    """A number that is no whole number within its bounds."""

    code = "amount_invalid"
    status = 422
    sentence = {
        "en": "{field} must be a whole number from {least} to {most}.",
        "zh-Hans": "{field} 必须是 {least} 到 {most} 之间的整数。",
    }


class CursorInvalid(Refusal):
    """A page cursor that was not given out by this list."""

    code = "cursor_invalid"
    status = 422
    sentence = {
        "en": "This page mark is not valid here. Start again from the first page.",
        "zh-Hans": "翻页标记无效，请从第一页重新开始。",
    }


class TooLarge(Refusal):
    """More in one call than is allowed."""

    code = "too_large"
    status = 413
    sentence = {
        "en": "At most {most} {what} are accepted in one call.",
        "zh-Hans": "一次最多接受 {most} {what}。",
    }


class Busy(Refusal):
    """The bounded queue is full: come back in a moment."""

    code = "busy"
    status = 503
    sentence = {
        "en": "Too many requests are waiting. Nothing was done; try again in {retry_after_s} s.",
        "zh-Hans": "排队的请求过多，本次未作任何处理，请在 {retry_after_s} 秒后重试。",
    }


class DatabaseAway(Refusal):
    """The database did not answer in time; the request id makes it safe to send the same again."""

    code = "database_away"
    status = 503
    sentence = {
        "en": "The database is not answering. Send the same request again in {retry_after_s} s; it takes effect once.",
        "zh-Hans": "数据库暂时没有响应。请在 {retry_after_s} 秒后原样重发，重发只会生效一次。",
    }


class NotFound(Refusal):
    """Nothing is here for this sender: it does not exist, or it is another merchant's."""

    code = "not_found"
    status = 404
    sentence = {
        "en": "There is nothing here, or it is not yours to see.",
        "zh-Hans": "此处没有内容，或您无权查看。",
    }


class MethodNotAllowed(Refusal):
    """The address exists, but not for this method."""

    code = "method_not_allowed"
    status = 405
    sentence = {
        "en": "This address accepts only: {allowed}.",
        "zh-Hans": "此地址只接受以下方法：{allowed}。",
    }


class Unauthenticated(Refusal):
    """No API key, or one that is unknown or revoked."""

    code = "unauthenticated"
    status = 401
    sentence = {
        "en": "Send a valid API key: “Authorization: Bearer tsk_...”.",
        "zh-Hans": "请提供有效的 API 密钥：“Authorization: Bearer tsk_...”。",
    }


class ScopeMissing(Refusal):
    """The key is valid, but not for this."""

    code = "scope_missing"
    status = 403
    sentence = {
        "en": "This API key does not have the scope “{needed}”.",
        "zh-Hans": "此 API 密钥没有“{needed}”权限。",
    }


class PhoneInvalid(Refusal):
    """A text that cannot be a phone number."""

    code = "phone_invalid"
    status = 422
    sentence = {
        "en": "This is not a possible phone number; write it with the country code, such as +86 138 0000 0000.",
        "zh-Hans": "这不是可用的电话号码，请带国家或地区代码填写，例如 +86 138 0000 0000。",
    }
