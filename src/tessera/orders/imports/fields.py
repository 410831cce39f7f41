"""Reads the cells of a file: texts, whole quantities, amounts of money, moments."""

import re
import unicodedata
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from zoneinfo import ZoneInfo

from tessera.kit.amounts import MAX_AMOUNT, MAX_QUANTITY
from tessera.kit.errors import AmountInvalid
from tessera.orders.errors import AmountUnreadable, DateUnreadable, QuantityUnreadable, TextUnusable

__all__ = ["amount_from", "moment_from", "quantity_from", "text_from"]

MOST_CHARACTERS = 64

_GROUPED = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?")
_MONEY = re.compile(r"^(?:CNY|RMB|GBP|EUR|USD|HKD|[¥￥$€£])?\s*(.*?)\s*元?$", re.IGNORECASE)
_MOST_DIGITS = 30
_FORMS = (
    "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d", "%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M", "%Y/%m/%d",
    "%Y.%m.%d %H:%M:%S", "%Y.%m.%d %H:%M", "%Y.%m.%d", "%Y年%m月%d日 %H:%M:%S", "%Y年%m月%d日 %H:%M", "%Y年%m月%d日",
    "%Y年%m月%d日 %H时%M分%S秒", "%Y年%m月%d日 %H时%M分", "%Y%m%d %H:%M:%S", "%Y%m%d %H:%M", "%Y%m%d%H%M%S", "%Y%m%d",
)  # fmt: skip


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


def _number(cell: str) -> Decimal | None:
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


def quantity_from(cell: str, *, column: str) -> int:
    """Return whole pieces, negative for a return. Refuses `quantity_unreadable` and `amount_invalid`.

    What a spreadsheet made of a whole number ("2.00", "1,000") is one; 0.5 and 0 are none.
    """
    number = _number(cell)
    if number is None or number != number.to_integral_value() or not number:
        raise QuantityUnreadable(given=cell.strip()[:40], column=column)
    if abs(number) > MAX_QUANTITY:
        raise AmountInvalid(field=column, least=-MAX_QUANTITY, most=MAX_QUANTITY)
    return int(number)


def amount_from(cell: str, *, column: str, exponent: int, times: int = 1) -> int:
    """Return an amount of money, `times` over, in the smallest unit, halves up. Refuses `amount_unreadable`, `amount_invalid`."""
    matched = _MONEY.match(unicodedata.normalize("NFKC", cell).strip())
    number = _number(matched[1]) if matched else None
    if number is None:
        raise AmountUnreadable(given=cell.strip()[:40], column=column)
    minor = int((number * times).scaleb(exponent).quantize(Decimal(1), rounding=ROUND_HALF_UP))
    if not 0 <= minor <= MAX_AMOUNT:
        raise AmountInvalid(field=column, least=0, most=MAX_AMOUNT)
    return minor


def moment_from(cell: str, *, zone: ZoneInfo, forms: Sequence[str] = ()) -> datetime:
    """Return the moment in UTC; one without an offset is the merchant's local time. Refuses `date_unreadable`.

    Without `forms` (as strptime has them) only forms with the year first are read: 3/4/2026 means two days.
    """
    text = unicodedata.normalize("NFKC", cell).strip()
    found = None if forms else _iso(text)
    for form in () if found else forms or _FORMS:
        try:
            found = datetime.strptime(text, form)  # noqa: DTZ007 - the zone follows below
            break
        except ValueError:
            continue
    if found is None:
        raise DateUnreadable(given=text[:40])
    try:
        return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)
    except OverflowError:
        raise DateUnreadable(given=text[:40]) from None


def _iso(text: str) -> datetime | None:
    """A moment with T or an offset, as programs write it."""
    if "T" not in text and not text.endswith("Z") and not re.search(r"[+-]\d{2}:\d{2}$", text):
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None
