"""When two merchants look like one: names brought to one form, and how far two such forms are apart.

Source: spec/membership.md, Comparison. Standard library only.
"""

import re
import unicodedata

__all__ = ["are_alike", "edit_distance", "name_key"]

_LEAST = 3
"""A key with fewer characters is like none but itself."""
_LATIN = re.compile(r"[a-z0-9]+")
_LATIN_ENDINGS = frozenset(
    {"co", "ltd", "limited", "inc", "llc", "corp", "corporation", "company", "the", "group"}
)
_CHINESE_ENDINGS = (
    "股份有限公司",
    "有限责任公司",
    "有限公司",
    "集团",
    "公司",
    "个体工商户",
    "商行",
    "旗舰店",
    "总店",
    "分店",
    "本店",
    "店",
)


def name_key(name: str) -> str:
    """Return the name without what does not tell two businesses apart: width, case, blanks, marks, company endings.

    "老茶馆（上海）有限公司" and "老茶馆 上海" have the same key; a name that is nothing but endings keeps itself.
    """
    plain = unicodedata.normalize("NFKC", name).casefold()
    words = re.sub(r"[\W_]+", " ", plain).split()
    while len(words) > 1 and words[-1] in _LATIN_ENDINGS:
        words.pop()
    key = whole = "".join(words)
    ending: str | None = ""
    while ending is not None:
        ending = next((one for one in _CHINESE_ENDINGS if key.endswith(one) and len(key) > len(one)), None)
        key = key.removesuffix(ending or "")
    return key or whole


def edit_distance(one: str, other: str, *, most: int) -> int:
    """Return how many characters must be put in, left out or changed, counted up to `most` + 1."""
    if abs(len(one) - len(other)) > most:
        return most + 1
    before = list(range(len(other) + 1))
    for row, left in enumerate(one, start=1):
        current = [row]
        for column, right in enumerate(other, start=1):
            changed = before[column - 1] + (left != right)
            current.append(min(changed, before[column] + 1, current[-1] + 1))
        if min(current) > most:
            return most + 1
        before = current
    return min(before[-1], most + 1)


def are_alike(one: str, other: str) -> bool:
    """Say whether two different keys are as near as a slip or a disguise: few edits, or one within the other.

    Of keys below three characters none is alike; then one edit, from six characters on two, from twelve on three.
    A name written in Chinese and in Latin letters is alike already when its Chinese part is.
    """
    chinese = [_LATIN.sub("", key) for key in (one, other)]
    if chinese != [one, other] and min(map(len, chinese)) >= _LEAST and _are_near(*chinese):
        return True
    return _are_near(one, other)


def _are_near(one: str, other: str) -> bool:
    shorter, longer = sorted((one, other), key=len)
    if len(shorter) < _LEAST:
        return False
    if len(shorter) * 2 >= len(longer) and shorter in longer:
        return True
    most = 1 if len(longer) < 6 else 2 if len(longer) < 12 else 3
    return edit_distance(one, other, most=most) <= most
