"""Pure rules about persons, and the arithmetic of member codes."""

import hashlib
import hmac
import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta

__all__ = [
    "CODE_AGES",
    "CODE_LASTS_S",
    "CODE_LIMITS",
    "CODE_STEP_S",
    "CODE_TRIES",
    "DEVICE_CODE_LENGTH",
    "EARLIEST_BIRTHDAY",
    "LANGUAGES",
    "PASSWORD_LIMITS",
    "PASSWORD_LIMITS_BY_ADDRESS",
    "SHORT_CODE_LENGTH",
    "TEXT_VERSION",
    "Limits",
    "code_age",
    "code_step",
    "device_name",
    "is_phone",
    "is_possible_birthday",
    "member_code",
    "parse_member_code",
    "wait_s",
]

EARLIEST_BIRTHDAY = date(1900, 1, 1)
LANGUAGES = ("zh-Hans", "en")

CODE_STEP_S = 60
"""How long one member code is shown, in seconds."""

DEVICE_CODE_LENGTH = 14
"""Eight digits of the device's number and six that only its secret and the minute give."""

SHORT_CODE_LENGTH = 8
CODE_AGES = (0, -1)
"""Which minutes' codes are accepted: this one's and the last one's, since clocks differ and fingers are slow."""

_NEAR = (*CODE_AGES, *(age for age in range(-30, 31) if age not in CODE_AGES))
_CODE = re.compile(rf"(?:[0-9]{{{SHORT_CODE_LENGTH}}}|[0-9]{{{DEVICE_CODE_LENGTH}}})")
_ADDRESS = re.compile(r"(?:https?://[^/?#\s]+)?/m/([0-9]+)/?(?:[?#]\S*)?")


def is_possible_birthday(birthday: date, *, today: date) -> bool:
    """Return whether someone now living can have this birthday."""
    return EARLIEST_BIRTHDAY <= birthday <= today


def parse_member_code(text: str) -> str | None:
    """Return the digits of a member code in what was scanned or typed, or None if it is none.

    Takes the QR's address (`https://.../m/<digits>`, or from `/m/` on) and the digits alone, 8 or 14 of them, in
    whatever groups and whichever width they were typed. A product's barcode may have as many digits: ask for a
    member's code first only where one is expected.
    """
    written = text.strip()
    found = _ADDRESS.fullmatch(written)
    digits = found[1] if found else re.sub(r"[\s\-·]", "", written)
    if not digits.isdecimal():
        return None
    plain = "".join(str(int(digit)) for digit in digits)
    return plain if _CODE.fullmatch(plain) else None


def code_step(at: datetime) -> int:
    """Return the number of the minute that holds `at`, counted from 1970."""
    return int(at.timestamp()) // CODE_STEP_S


def member_code(number: str, secret: bytes, step: int) -> str:
    """Return the 14 digits that the device `number` shows in minute `step`; the browser computes the same (code.js).

    The last six are the HMAC-SHA256 over "tessera-member-code:<number>:<step>", cut as RFC 4226 cuts.
    """
    digest = hmac.new(secret, f"tessera-member-code:{number}:{step}".encode(), hashlib.sha256).digest()
    start = digest[-1] & 15
    cut = int.from_bytes(digest[start : start + 4], "big") & 0x7FFFFFFF
    return f"{number}{cut % 1_000_000:06d}"


def code_age(code: str, *, secret: bytes, now: datetime) -> int | None:
    """Return in which minute a device's code was shown, from this one: 0 now, -1 the last, and so on.

    Half an hour around is looked at; None: this device does not show that code.
    """
    step, number = code_step(now), code[:SHORT_CODE_LENGTH]
    for age in _NEAR:
        if hmac.compare_digest(member_code(number, secret, step + age), code):
            return age
    return None


TEXT_VERSION = "2026-11"
"""Version of the terms and of the privacy notice that stand on /terms and /privacy."""

Limits = Sequence[tuple[int, int]]
"""Windows in seconds, each with how often something may happen within it."""

CODE_LIMITS: Limits = ((60, 1), (3600, 5), (24 * 3600, 10))
"""Codes for one phone number: one a minute, five an hour, ten a day."""

CODE_LASTS_S = 600
CODE_TRIES = 5
PASSWORD_LIMITS: Limits = ((900, 5), (24 * 3600, 20))
"""Mismatches for one phone number; a code still opens the door."""

PASSWORD_LIMITS_BY_ADDRESS: Limits = ((900, 20), (24 * 3600, 100))


def wait_s(happened: Sequence[datetime], limits: Limits, *, now: datetime) -> int:
    """Return in how many seconds (rounded up) it may happen again; 0: now. `happened` are the moments so far."""
    moments = sorted(happened, reverse=True)
    waits = [0]
    for window_s, most in limits:
        if len(moments) >= most:
            free_at = moments[most - 1] + timedelta(seconds=window_s)
            waits.append(-((now - free_at) // timedelta(seconds=1)))
    return max(waits)


_BROWSERS = (
    ("MicroMessenger/", "WeChat"), ("AlipayClient/", "Alipay"), ("DingTalk/", "DingTalk"), ("Edg", "Edge"),
    ("HuaweiBrowser/", "Huawei Browser"), ("MiuiBrowser/", "Mi Browser"), ("QQBrowser/", "QQ Browser"),
    ("UCBrowser/", "UC Browser"), ("SamsungBrowser/", "Samsung Internet"), ("OPR/", "Opera"), ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"), ("CriOS/", "Chrome"), ("Chrome/", "Chrome"), ("Safari/", "Safari"),
)  # fmt: skip
_SYSTEMS = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("HarmonyOS", "HarmonyOS"), ("OpenHarmony", "HarmonyOS"),
    ("Android", "Android"), ("Windows", "Windows"), ("CrOS", "ChromeOS"), ("Mac OS X", "macOS"), ("Linux", "Linux"),
)  # fmt: skip


def device_name(user_agent: str) -> str:
    """Return what a device calls itself, as its owner would: "Chrome · Android"; empty where it does not say."""
    parts = [
        next((name for mark, name in names if mark in user_agent), "") for names in (_BROWSERS, _SYSTEMS)
    ]
    return " · ".join(part for part in parts if part)


def is_phone(user_agent: str) -> bool:
    """Return whether the device is held in a hand."""
    return any(mark in user_agent for mark in ("iPhone", "Android", "Mobile", "HarmonyOS"))
