"""What notices say, in both languages; `{names}` are filled from the notice's context."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils import translation
from django.utils.translation import gettext_lazy as _

from tessera.kit.reader import local_day
from tessera.notices.errors import ContextIncomplete, TemplateUnknown
from tessera.notices.rules import SECURITY

__all__ = ["KINDS", "TEMPLATES", "address_of", "check_context", "text_of"]

TEMPLATES: Mapping[str, Mapping[str, str]] = {
    "points_expiring": {
        "en": "{points} points at {merchant} expire on {expires_on}.",
        "zh-Hans": "您在{merchant}的 {points} 积分将于{expires_on}到期。",
    },
    "points_activated": {
        "en": "{points} points at {merchant} can be spent now.",
        "zh-Hans": "您在{merchant}的 {points} 积分现在可以使用了。",
    },
    "points_owed": {
        "en": "After a return you owe {points} points at {merchant}; they will be taken from the next points you earn.",
        "zh-Hans": "因退货，您在{merchant}尚欠 {points} 积分，将从之后获得的积分中抵扣。",
    },
    "merchant_approved": {
        "en": "{merchant} has been approved. Points can be given from now on.",
        "zh-Hans": "{merchant}已通过审核，现在可以发放积分。",
    },
    "merchant_declined": {
        "en": "The application of {merchant} was declined: {reason}",
        "zh-Hans": "{merchant}的入驻申请未通过：{reason}",
    },
    "merchant_suspended": {
        "en": "{merchant} has been suspended: {reason} No new points can be given until it is lifted; returns still work.",
        "zh-Hans": "{merchant}已被暂停：{reason} 恢复之前不能发放新积分，退货照常处理。",
    },
    "merchant_reinstated": {
        "en": "The suspension of {merchant} was lifted. Points can be given again.",
        "zh-Hans": "{merchant}已恢复，可以继续发放积分。",
    },
    "new_device": {
        "en": "Your account was signed in to on another device: {device}. If that was not you, end it under Devices.",
        "zh-Hans": "您的账户在另一台设备上登录：{device}。如非本人操作，请在“设备”中将其退出。",
    },
    "event_changed": {
        "en": "“{title}” has changed: it now begins on {starts_on} at {starts_time}, at {place}.",
        "zh-Hans": "“{title}”有变动：现定于{starts_on} {starts_time} 开始，地点：{place}。",
    },
    "event_cancelled": {
        "en": "“{title}” was cancelled: {reason}",
        "zh-Hans": "“{title}”已取消：{reason}",
    },
    "event_registered": {
        "en": "You have registered for “{title}”. You will be told when the organiser has decided.",
        "zh-Hans": "您已报名“{title}”，审核结果会另行通知。",
    },
    "event_accepted": {
        "en": "You are in: “{title}”, {starts_on} at {starts_time}. Your code at the door: {code}",
        "zh-Hans": "“{title}”报名成功，{starts_on} {starts_time} 开始。入场验证码：{code}",
    },
    "event_declined": {
        "en": "Your registration for “{title}” was not accepted.",
        "zh-Hans": "您报名的“{title}”未通过审核。",
    },
    "event_declined_because": {
        "en": "Your registration for “{title}” was not accepted: {reason}",
        "zh-Hans": "您报名的“{title}”未通过审核：{reason}",
    },
    "event_waitlisted": {
        "en": "You are on the waitlist of “{title}”. If a place becomes free, you move up and are told.",
        "zh-Hans": "您已进入“{title}”的候补名单，有名额时会自动递补并通知您。",
    },
    "event_registration_cancelled": {
        "en": "Your registration for “{title}” was cancelled.",
        "zh-Hans": "您报名的“{title}”已取消报名。",
    },
    "event_registration_cancelled_because": {
        "en": "Your registration for “{title}” was cancelled: {reason}",
        "zh-Hans": "您报名的“{title}”已取消报名：{reason}",
    },
    "event_reminder": {
        "en": "“{title}” begins on {starts_on} at {starts_time}, at {place}. Your code at the door: {code}",
        "zh-Hans": "“{title}”将于{starts_on} {starts_time} 开始，地点：{place}。入场验证码：{code}",
    },
    "crew_added": {
        "en": "You check guests in at “{title}”, {starts_on} at {starts_time}. Open this on the phone that you will use.",
        "zh-Hans": "您已成为“{title}”（{starts_on} {starts_time}）的入场人员。请用届时签到的手机打开此消息。",
    },
    "event_mutual": {
        "en": "You and number {number} at “{title}” have noted each other. Say hello.",
        "zh-Hans": "您和“{title}”的 {number} 号来宾互相记下了对方的号码，可以打个招呼。",
    },
    "number_corrected": {
        "en": "Your number at {title} is now {number}.",
        "zh-Hans": "您在“{title}”的号码已更正为 {number} 号。",
    },
    "number_kept": {
        "en": "Your number at {title} stays {number}: {reason}",
        "zh-Hans": "您在“{title}”的号码仍为 {number} 号：{reason}",
    },
    "talk_request": {
        "en": "Number {number} would like to talk with you: “{title}”.",
        "zh-Hans": "{number} 号想与您交谈（“{title}”）。",
    },
    "talk_accepted": {
        "en": "Number {number} has accepted your request: “{title}”. You can talk now.",
        "zh-Hans": "{number} 号接受了您的请求，现在可以交谈了（“{title}”）。",
    },
    "talk_muted": {
        "en": "The organiser of “{title}” does not let you write in the circle at the moment: {reason}",
        "zh-Hans": "“{title}”的主办方已暂停您在活动圈发言，原因：{reason}",
    },
    "talk_unmuted": {
        "en": "You can write in the circle of “{title}” again.",
        "zh-Hans": "您在“{title}”活动圈的发言已恢复。",
    },
}
"""Template -> language -> text. A text that was used is not reworded; a new wording gets a new name."""

KINDS: Mapping[str, Any] = {
    "points_expiring": _("Points about to expire"),
    "points_activated": _("Points that became available"),
    "business": _("My business on the platform"),
    "events": _("Events that I registered for"),
    SECURITY: _("Safety of my account"),
}
"""What a person may opt out of, by kind, except SECURITY."""

_ADDRESSES = {
    "crew_added": "/door/{event_id}",
    "event_mutual": "/circle/{event_id}/{number_plain}",
    "number_corrected": "/circle/{event_id}",
    "number_kept": "/circle/{event_id}/correction",
    "points_expiring": "/wallet",
    "points_activated": "/wallet",
    "points_owed": "/wallet",
    "merchant_approved": "/console/{merchant_id}",
    "merchant_declined": "/console/{merchant_id}/application",
    "merchant_suspended": "/console/{merchant_id}/application",
    "merchant_reinstated": "/console/{merchant_id}",
    "new_device": "/me/devices",
    "event_changed": "/e/{event_id}",
    "event_cancelled": "/e/{event_id}",
    "event_registered": "/t/{ticket}",
    "event_accepted": "/t/{ticket}",
    "event_declined": "/e/{event_id}/registration",
    "event_declined_because": "/e/{event_id}/registration",
    "event_waitlisted": "/t/{ticket}",
    "event_registration_cancelled": "/e/{event_id}",
    "event_registration_cancelled_because": "/e/{event_id}",
    "event_reminder": "/t/{ticket}",
    "talk_request": "/circle/{event_id}/talks/{conversation}",
    "talk_accepted": "/circle/{event_id}/talks/{conversation}",
    "talk_muted": "/circle/{event_id}/talks",
    "talk_unmuted": "/circle/{event_id}/talks",
}


def text_of(template: str, context: Mapping[str, Any], language: str) -> str:
    """Return the text of a notice in `language` ("zh-Hans" or "en"); refuses `template_unknown`.

    What the context names `..._on` is a day (ISO 8601), written as the language writes days.
    """
    if template not in TEMPLATES:
        raise TemplateUnknown(given=template)
    with translation.override("en" if language == "en" else "zh-hans"):
        shown = {name: _day(value) if name.endswith("_on") else value for name, value in context.items()}
    return TEMPLATES[template][language].format_map(shown)


def _day(value: Any) -> Any:
    try:
        return local_day(date.fromisoformat(str(value)))
    except ValueError:
        return value


def address_of(template: str, context: Mapping[str, Any]) -> str:
    """Return the page that a notice is about; the inbox where it names none."""
    try:
        return _ADDRESSES[template].format_map(context)
    except KeyError:
        return "/inbox"


def check_context(template: str, context: Mapping[str, Any]) -> None:
    """See that every text of the template can be made; refuses `template_unknown` and `context_incomplete`."""
    for language in TEMPLATES.get(template, {"": ""}):
        try:
            text_of(template, context, language)
        except KeyError as missing:
            raise ContextIncomplete(template=template, missing=str(missing.args[0])) from None
