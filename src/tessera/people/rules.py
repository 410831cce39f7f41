"""Pure rules about persons, and the arithmetic of member codes."""

import hashlib
import hmac
import re
from datetime import date, datetime

__all__ = [
    "CODE_AGES",
    "CODE_STEP_S",
    "DEVICE_CODE_LENGTH",
    "EARLIEST_BIRTHDAY",
    "LANGUAGES",
    "SHORT_CODE_LENGTH",
    "code_age",
    "code_step",
    "is_possible_birthday",
    "member_code",
    "parse_member_code",
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
