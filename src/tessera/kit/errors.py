"""How the kit says no."""

from tessera.kit.refusals import Refusal

__all__ = [
    "AmountInvalid",
    "AmountUnreadable",
    "Busy",
    "CursorInvalid",
    "DatabaseAway",
    "EncodingUnknown",
    "FieldMissing",
    "FileNotText",
    "IdReused",
    "LineUnreadable",
    "MethodNotAllowed",
    "NotFound",
    "PhoneInvalid",
    "PictureTooLarge",
    "PictureUnreadable",
    "RequestIdMissing",
    "RequestInvalid",
    "ScopeMissing",
    "TextUnusable",
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


class EncodingUnknown(Refusal):
    """There is no such encoding."""

    code = "encoding_unknown"
    status = 422
    sentence = {
        "en": "“{encoding}” is not a known encoding; use auto, utf-8, gb18030 or utf-16.",
        "zh-Hans": "无法识别编码“{encoding}”，可用 auto、utf-8、gb18030 或 utf-16。",
    }


class FileNotText(Refusal):
    """The file's bytes are no text in the given encoding, or in any that is looked for."""

    code = "file_not_text"
    status = 422
    sentence = {
        "en": "The file is not readable as {encoding}: line {line} cannot be decoded. Save it as UTF-8, or name its encoding.",
        "zh-Hans": "文件无法按 {encoding} 编码读取，第 {line} 行解码失败。请另存为 UTF-8，或指定其编码。",
    }


class LineUnreadable(Refusal):
    """A line that is no line of a CSV file with these columns."""

    code = "line_unreadable"
    status = 422
    sentence = {
        "en": "The line is not as the header says: quotation marks or the number of columns do not fit.",
        "zh-Hans": "该行与表头不符：引号或列数有误。",
    }


class AmountUnreadable(Refusal):
    """An amount of money that is no number."""

    code = "amount_unreadable"
    status = 422
    sentence = {
        "en": "“{given}” in the column “{column}” is not an amount of money such as 12.50.",
        "zh-Hans": "“{column}”列中的“{given}”不是金额，应为 12.50 这样的数字。",
    }


class TextUnusable(Refusal):
    """A field with control characters, with characters that were lost before, or too long."""

    code = "text_unusable"
    status = 422
    sentence = {
        "en": "The text in the column “{column}” is damaged or longer than {most} characters.",
        "zh-Hans": "“{column}”列中的文字已损坏，或超过 {most} 个字符。",
    }


class PictureTooLarge(Refusal):
    """A picture with more bytes or pixels than are taken."""

    code = "picture_too_large"
    status = 413
    sentence = {
        "en": "This picture is too large; up to {most_mb} MB and {most_megapixels} megapixels are taken.",
        "zh-Hans": "图片过大，最多 {most_mb} MB、{most_megapixels} 百万像素。",
    }


class PictureUnreadable(Refusal):
    """A file that is no picture, or one of a kind that is not taken."""

    code = "picture_unreadable"
    status = 422
    sentence = {
        "en": "This file could not be read as a picture. JPEG, PNG and WebP are taken.",
        "zh-Hans": "无法将此文件读作图片，请使用 JPEG、PNG 或 WebP 格式。",
    }


class FieldMissing(Refusal):
    """A field that is needed is empty."""

    code = "field_missing"
    status = 422
    sentence = {"en": "The column “{column}” is empty.", "zh-Hans": "“{column}”列为空。"}
