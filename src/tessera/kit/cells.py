"""Reads the cells of a table that somebody sent: texts, numbers, amounts of money."""

import re
import unicodedata
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from tessera.kit.amounts import MAX_AMOUNT
from tessera.kit.errors import AmountInvalid, AmountUnreadable, TextUnusable

__all__ = ["amount_from", "number_from", "plain_heading", "text_from"]

MOST_CHARACTERS = 64

_GROUPED = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?")
_MONEY = re.compile(r"^(?:CNY|RMB|GBP|EUR|USD|HKD|[¥￥$€£])?\s*(.*?)\s*元?$", re.IGNORECASE)
_MOST_DIGITS = 30


def text_from(cell: str, *, column: str, most: int = MOST_CHARACTERS, number: bool = True) -> str:
    """Return the cell's text without outer blanks ("" for none); `number`: it is one, by which something is known.

    Refuses `text_unusable`: control characters, characters that an earlier conversion has lost, or too long; in a
    number invisible ones too, since two numbers that look alike must be one.
    """
    text = cell.strip()
    unusable = {"Cc", "Cs", "Cf"} if number else {"Cc", "Cs"}
    if len(text) > most or any(unicodedata.category(one) in unusable or one == "\ufffd" for one in text):
        raise TextUnusable(column=column, most=most)
    return text


def number_from(cell: str) -> Decimal | None:
    """Return the finite number that a cell holds, as spreadsheets write it ("1,000.00"), or None."""
    text = unicodedata.normalize("NFKC", cell).strip().removeprefix("'")
    if _GROUPED.fullmatch(text):
        text = text.replace(",", "")
    if len(text) > _MOST_DIGITS or "_" in text:
        return None
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number.adjusted()) < _MOST_DIGITS else None


def amount_from(cell: str, *, column: str, exponent: int, times: int = 1) -> int:
    """Return an amount of money, `times` over, in the smallest unit, halves up. Refuses `amount_unreadable`, `amount_invalid`."""
    matched = _MONEY.match(unicodedata.normalize("NFKC", cell).strip())
    number = number_from(matched[1]) if matched else None
    if number is None:
        raise AmountUnreadable(given=cell.strip()[:40], column=column)
    minor = int((number * times).scaleb(exponent).quantize(Decimal(1), rounding=ROUND_HALF_UP))
    if not 0 <= minor <= MAX_AMOUNT:
        raise AmountInvalid(field=column, least=0, most=MAX_AMOUNT)
    return minor


def plain_heading(heading: str) -> str:
    """Return a heading as it is compared: without width, case, blanks, underlines, hyphens and brackets with units."""
    text = unicodedata.normalize("NFKC", heading).strip().lower()
    text = text.partition("(")[0] or text
    return "".join(character for character in text if character not in " \t_-.:#*\ufeff")
