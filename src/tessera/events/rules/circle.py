"""Who sees what of a guest in the circle, how numbers are asked for, and when a circle closes (spec/events.md, 8 and 11)."""

import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

__all__ = [
    "FIELDS",
    "HIGHEST_NUMBER",
    "LONGEST",
    "LONGEST_REMARK",
    "MOST_JOTTINGS",
    "CircleTerms",
    "NumberAsked",
    "closes_at",
    "initial_of",
    "may_see",
    "number_asked",
    "number_ranges",
    "seen_by_of",
    "terms_of",
]

FIELDS = ("appearance", "picture", "name", "introduction", "interests")
"""What a guest may show; the organiser says which of these there are."""

LONGEST = {"appearance": 120, "introduction": 500, "interests": 120, "name": 40}
"""Characters of each field."""

LONGEST_REMARK = 200
MOST_JOTTINGS = 500
"""Numbers that one guest can note in one circle."""

HIGHEST_NUMBER = 99_999_999
_USUAL = {
    "appearance": "circle",
    "picture": "circle",
    "introduction": "circle",
    "interests": "circle",
    "name": "initial",
}
_TO = {"circle", "talks", "nobody"}
_CLOSING_DAYS = 30
_REQUESTS = 50
_ASKED = re.compile(r"(?:no\.?|nr\.?|number|第)? *([^\d\s]{1,4}?)?[ -]?([0-9]{1,8}) *号?")


@dataclass(frozen=True, slots=True)
class CircleTerms:
    """The organiser's terms: days from the end to the closing, unanswered requests a guest may have, fields there are."""

    closing_days: int
    requests: int
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NumberAsked:
    """A number as somebody typed it: its digits, and the letters before them (None: none were typed)."""

    digits: str
    prefix: str | None

    @property
    def number(self) -> int:
        """The number."""
        return int(self.digits)


def terms_of(circle: Mapping[str, Any]) -> CircleTerms:
    """Return the terms that an event's `circle` holds, with what was left out."""
    fields = circle.get("fields")
    return CircleTerms(
        closing_days=int(circle.get("closing_days", _CLOSING_DAYS)),
        requests=int(circle.get("requests", _REQUESTS)),
        fields=FIELDS if fields is None else tuple(one for one in FIELDS if one in fields),
    )


def closes_at(ends_at: datetime, circle: Mapping[str, Any]) -> datetime:
    """Return when the circle of an event that ends at `ends_at` closes; source: spec/events.md, step 11."""
    return ends_at + timedelta(days=terms_of(circle).closing_days)


def seen_by_of(seen_by: Mapping[str, Any], fields: Collection[str]) -> dict[str, str]:
    """Return field -> who sees it, with the usual where nothing was chosen; what the organiser left out nobody sees.

    A name is shown by its first character ("initial") until its owner says otherwise.
    """
    chosen = {}
    for field in FIELDS:
        to = str(seen_by.get(field, _USUAL[field]))
        known = to in _TO or (field == "name" and to == "initial")
        chosen[field] = (to if known else _USUAL[field]) if field in fields else "nobody"
    return chosen


def may_see(to: str, *, talking: bool, own: bool) -> bool:
    """Return whether something shown to `to` is seen by one who talks with its owner, or is the owner."""
    return own or to == "circle" or (to == "talks" and talking)


def initial_of(name: str) -> str:
    """Return a name as it is shown until its owner shows it: the first character and two stars; nothing for no name."""
    first = next((one for one in name.strip() if unicodedata.category(one)[0] in "LN"), "")
    return f"{first}**" if first else ""


def number_asked(text: str, prefixes: Collection[str] = ()) -> NumberAsked | None:
    """Return the number that a text asks for ("17", "017", "#17", "17 号", "V017"), or None where it is words."""
    clean = unicodedata.normalize("NFKC", text).strip().lstrip("#№").strip().casefold()
    known = sorted((one.casefold() for one in prefixes if one), key=len, reverse=True)
    for prefix in known:
        rest = clean.removeprefix(prefix).lstrip(" -")
        typed = clean.startswith(prefix) and not prefix.isdigit()
        if typed and rest.isascii() and rest.isdigit() and len(rest) <= 8:
            return NumberAsked(rest, prefix)
    found = _ASKED.fullmatch(clean)
    return NumberAsked(found[2], None) if found and not found[1] else None


def number_ranges(digits: str, *, width: int) -> list[tuple[int, int]]:
    """Return the ranges of numbers that begin with `digits` as they are shown in at least `width` digits."""
    first, more = int(digits), 8 - len(digits)
    if digits.startswith("0"):
        free = width - len(digits)
        return [] if free < 0 else [(first * 10**free, (first + 1) * 10**free - 1)]
    return [(first * 10**power, (first + 1) * 10**power - 1) for power in range(more + 1)]
